package agent_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/agent"
)

// Whatever happens on the way (duplicates, reordering, lost answers, crashes, two agents,
// changes by hand), nothing is deleted or reported before its time, and once things go
// well the cluster holds what placement wants, all of it settled.
func TestAnyHistoryEndsAsWanted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.spawn()
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			w.happen()
		}
		w.settle()
		w.check()
	})
}

// happen lets one thing happen.
func (w *world) happen() {
	if len(w.agents) == 0 {
		w.spawn()
	}
	a := w.agents[rapid.IntRange(0, len(w.agents)-1).Draw(w.t, "agent")]
	switch rapid.IntRange(0, 19).Draw(w.t, "what") {
	case 0:
		w.crash(a)
	case 1:
		if len(w.agents) < 2 {
			w.spawn()
		}
	case 2, 3:
		w.answer()
	case 4, 5, 6:
		w.command(rapid.SampledFrom(names).Draw(w.t, "workload"), rapid.IntRange(0, 3).Draw(w.t, "replicas"))
	case 7:
		w.deliver(a, false)
	case 8, 9, 10:
		w.deliver(a, true)
	case 11:
		w.pass(time.Duration(rapid.IntRange(1, 40).Draw(w.t, "seconds")) * time.Second)
	case 12:
		w.pass(300 * time.Millisecond)
	case 13:
		w.bind()
	case 14:
		delete(w.objects, id(rapid.SampledFrom(names).Draw(w.t, "deleted"))) // by hand
	case 15, 16:
		w.act(a, false)
	default:
		w.act(a, true)
	}
}

// crash ends an agent. What it had begun may still take effect: a late write.
func (w *world) crash(a *actor) {
	for i, o := range w.agents {
		if o == a {
			w.agents = append(w.agents[:i], w.agents[i+1:]...)
			break
		}
	}
	for _, e := range a.todo {
		if x, ok := e.(agent.Apply); ok && rapid.Bool().Draw(w.t, "late") {
			_ = w.apply(x.Desired, 0)
		}
	}
}

func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	for _, a := range append([]*actor(nil), w.agents...) {
		w.step(a, agent.Changed{})
	}
}

func (w *world) bind() {
	for _, n := range names {
		if o := w.objects[id(n)]; o != nil && o.bound < o.desired.Replicas {
			o.bound++
		}
	}
}

// settle lets everything go well, for long enough that waits and repetitions end.
func (w *world) settle() {
	for range 80 {
		if len(w.agents) == 0 { // the hello of one that crashed may have stopped the other: people start it again
			w.spawn()
		}
		w.answer()
		for _, m := range w.channel {
			m.given = false // what is not acknowledged comes again
		}
		for range len(w.channel) + 1 {
			for _, a := range append([]*actor(nil), w.agents...) {
				w.deliver(a, true)
			}
		}
		for _, a := range append([]*actor(nil), w.agents...) {
			for len(a.todo) > 0 {
				w.act(a, true)
			}
		}
		w.bind()
		w.pass(20 * time.Second)
	}
}

// newest is the machine that placement answers. An older one may be left as long as no
// command comes its way that shows it; it has no effect.
func (w *world) newest() *agent.Machine {
	var newest *agent.Machine
	for _, a := range w.agents {
		if newest == nil || a.machine.Incarnation() > newest.Incarnation() {
			newest = a.machine
		}
	}
	if newest == nil {
		w.t.Fatal("no agent is left")
	}
	return newest
}

func (w *world) check() {
	m := w.newest()
	if !m.Synchronised() || m.Incarnation() != w.incarnation || m.AppliedThrough() != w.number {
		w.t.Fatalf("the agent is synchronised: %t, with incarnation %d through %d; placement is at %d, %d",
			m.Synchronised(), m.Incarnation(), m.AppliedThrough(), w.incarnation, w.number)
	}
	for _, n := range names {
		want, have := w.wanted[id(n)], w.objects[id(n)]
		switch {
		case want == nil && have == nil:
		case want == nil || have == nil:
			w.t.Fatalf("workload %s: wanted %+v, the cluster holds %+v", n, want, have)
		case want.Replicas != have.desired.Replicas || want.Number != have.desired.Token:
			w.t.Fatalf("workload %s: wanted %d replicas by command %d, the cluster holds %d by %d",
				n, want.Replicas, want.Number, have.desired.Replicas, have.desired.Token)
		}
	}
}
