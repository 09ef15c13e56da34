package agent_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// world is a cluster, a log with a leader, and agents that come and go, all moved by
// draws: what a whole-system simulation does to the agent, in small.
type world struct {
	t      *rapid.T
	now    time.Time
	agents []*actor
	born   int

	objects map[event.WorkloadID]*thing
	tombs   map[event.WorkloadID]uint64

	intents     uint64   // sequence of the last hello
	hellos      []uint64 // not answered yet
	incarnation uint64   // answered last
	number      uint64
	first       uint64 // of the incarnation
	through     uint64
	wanted      map[event.WorkloadID]*event.CommandPlace
	last        map[event.WorkloadID]uint64 // number of the last command of the incarnation
	channel     []*message                  // not acknowledged, in order
	sequence    uint64
}

// thing is an object of the cluster.
type thing struct {
	desired agent.Desired
	bound   int
}

// message is a command in the channel.
type message struct {
	event event.Event
	given bool
}

// actor is one agent process.
type actor struct {
	machine *agent.Machine
	todo    []agent.Effect  // not done yet
	got     map[uint64]bool // numbers delivered in its incarnation
	applied uint64          // of its last report
	report  uint64          // number of it
	refused []uint64        // numbers rejected in its incarnation
}

const room, unit = 100, 10 // cores of the one node, and of one replica, in thousandths of ten

func newWorld(t *rapid.T) *world {
	return &world{
		t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		objects: map[event.WorkloadID]*thing{}, tombs: map[event.WorkloadID]uint64{},
		wanted: map[event.WorkloadID]*event.CommandPlace{}, last: map[event.WorkloadID]uint64{},
	}
}

var names = []event.WorkloadName{"a", "b", "c"}

func id(n event.WorkloadName) event.WorkloadID { return event.WorkloadID{Tenant: "shop", Name: n} }

// --- agents ---

func (w *world) spawn() {
	w.born++
	a := &actor{
		machine: agent.NewMachine(agent.Settings{Cluster: "eu-1", Instance: fmt.Sprint(w.born), Parallel: 2}),
		got:     map[uint64]bool{},
	}
	w.agents = append(w.agents, a)
	w.step(a, agent.Started{})
}

func (w *world) step(a *actor, in agent.Input) {
	a.take(w, a.machine.Step(agent.TimePassed{Now: w.now}))
	a.take(w, a.machine.Step(in))
}

// take queues effects and checks what must hold the moment they are asked for.
func (a *actor) take(w *world, effects []agent.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case agent.Ack:
			w.channel = slices.DeleteFunc(w.channel, func(m *message) bool { return m.event.At.Sequence == e.Sequence })
		case agent.Stop:
			w.agents = slices.DeleteFunc(w.agents, func(o *actor) bool { return o == a })
			return
		case agent.Withdraw:
			w.mayDelete(a)
			a.todo = append(a.todo, e)
		default:
			a.todo = append(a.todo, e)
		}
	}
}

// mayDelete fails a withdrawal before all of the synchronisation was delivered.
func (w *world) mayDelete(a *actor) {
	if a.machine.Incarnation() != w.incarnation {
		return // it has been replaced and does not know yet
	}
	for n := w.first; n <= w.through; n++ {
		if !a.got[n] {
			w.t.Fatalf("a withdrawal before command %d of the synchronisation %d to %d came", n, w.first, w.through)
		}
	}
}

// act does one queued effect, well or badly.
func (w *world) act(a *actor, well bool) {
	if len(a.todo) == 0 {
		return
	}
	at := 0
	if !well {
		at = rapid.IntRange(0, len(a.todo)-1).Draw(w.t, "effect")
	}
	e := a.todo[at]
	a.todo = slices.Delete(a.todo, at, at+1)
	fault := 0
	if !well {
		fault = rapid.IntRange(0, 5).Draw(w.t, "fault") // 0 to 2: none
	}
	switch e := e.(type) {
	case agent.Publish:
		w.publish(a, e, fault)
	case agent.Apply:
		w.step(a, agent.Finished{Workload: e.Desired.Workload, Token: e.Desired.Token, Err: w.operate(fault, func() error { return w.apply(e.Desired, fault) })})
	case agent.Withdraw:
		w.step(a, agent.Finished{Workload: e.Withdrawal.Workload, Token: e.Withdrawal.Token, Err: w.operate(fault, func() error { return w.withdraw(e.Withdrawal) })})
	case agent.Observe:
		w.step(a, agent.Observed{View: w.view(fault)})
	}
}

// --- the cluster ---

func (w *world) operate(fault int, do func() error) error {
	if fault == 3 {
		return errors.New("failed without effect")
	}
	err := do()
	if fault == 4 {
		return errors.New("answer lost")
	}
	return err
}

func (w *world) apply(d agent.Desired, fault int) error {
	o := w.objects[d.Workload]
	switch {
	case w.tombs[d.Workload] >= d.Token, o != nil && o.desired.Token > d.Token:
		return agent.ErrStale
	case fault == 5:
		return &agent.Rejection{Reason: event.RejectReasonQuota, Message: "no"}
	}
	if o == nil {
		o = &thing{}
		w.objects[d.Workload] = o
	}
	o.desired, o.bound = d, min(o.bound, d.Replicas)
	return nil
}

func (w *world) withdraw(x agent.Withdrawal) error {
	if o := w.objects[x.Workload]; o != nil && o.desired.Token > x.Token {
		return agent.ErrStale
	}
	w.tombs[x.Workload] = max(w.tombs[x.Workload], x.Token)
	delete(w.objects, x.Workload)
	return nil
}

func (w *world) view(fault int) agent.View {
	v := agent.View{Complete: fault != 3}
	used := 0
	for _, n := range names {
		o := w.objects[id(n)]
		if o == nil || fault == 3 && n == "b" {
			continue
		}
		used += o.bound * unit
		seen := agent.Object{Workload: id(n), Token: o.desired.Token, Hash: o.desired.Hash, Wanted: o.desired.Replicas, Ready: o.bound}
		if o.bound > 0 {
			seen.Bound = []event.ShapeUse{{Shape: "s", Replicas: o.bound}}
		}
		v.Objects = append(v.Objects, seen)
	}
	v.Shapes = []event.NodeShape{{Name: "s", Nodes: 1, CPUMilli: room, Free: []event.FreeNodes{{Nodes: 1, CPUMilli: int64(room - used)}}}}
	return v
}

// --- the log ---

func (w *world) publish(a *actor, e agent.Publish, fault int) {
	if fault == 3 {
		w.step(a, agent.Published{ID: e.Event.ID, Err: errors.New("not sent")})
		return
	}
	sequence := w.store(a, e.Event)
	if fault == 4 {
		w.step(a, agent.Published{ID: e.Event.ID, Err: errors.New("answer lost")})
		return
	}
	if _, hello := e.Event.Data.(*event.AgentStarted); hello {
		a.got, a.applied, a.report, a.refused = map[uint64]bool{}, 0, 0, nil
	}
	w.step(a, agent.Published{ID: e.Event.ID, Sequence: sequence})
}

func (w *world) store(a *actor, e event.Event) uint64 {
	switch p := e.Data.(type) {
	case *event.AgentStarted:
		w.intents++
		w.hellos = append(w.hellos, w.intents)
		return w.intents
	case *event.ClusterCapacityReported:
		w.reported(a, p)
	case *event.CommandRejected:
		w.rejected(p)
		a.refused = append(a.refused, p.Number)
	}
	return 1
}

// reported checks a capacity report against what the leader knows.
func (w *world) reported(a *actor, r *event.ClusterCapacityReported) {
	if r.Incarnation != w.incarnation {
		return // placement ignores it
	}
	if r.AppliedThrough < w.through || r.AppliedThrough > w.number {
		w.t.Fatalf("report through %d: the synchronisation goes to %d, the last command is %d", r.AppliedThrough, w.through, w.number)
	}
	for _, n := range a.refused { // by the log: as much as there is here, each report can name
		if n <= r.AppliedThrough != slices.Contains(r.Rejected, n) {
			w.t.Fatalf("report through %d names %d as rejected, %d was", r.AppliedThrough, r.Rejected, n)
		}
	}
	if r.Report > a.report {
		if r.AppliedThrough < a.applied {
			w.t.Fatalf("report %d through %d after one through %d", r.Report, r.AppliedThrough, a.applied)
		}
		a.report, a.applied = r.Report, r.AppliedThrough
	}
	for n := w.first; n <= r.AppliedThrough; n++ {
		if !a.got[n] {
			w.t.Fatalf("report through %d, but command %d was never delivered", r.AppliedThrough, n)
		}
	}
	w.promised(r)
}

// promised checks that the report leaves no room that a settled command has: every
// object as the last command of its workload wants it is inside, bound or not.
func (w *world) promised(r *event.ClusterCapacityReported) {
	held := 0
	for _, n := range names {
		want, have := w.wanted[id(n)], w.objects[id(n)]
		if want == nil || have == nil || want.Number > r.AppliedThrough {
			continue
		}
		if have.desired.Token == want.Number && have.desired.Replicas == want.Replicas {
			held += want.Replicas * unit
		}
	}
	var free int64
	for _, g := range r.Shapes[0].Free {
		free += int64(g.Nodes) * g.CPUMilli
	}
	if free > int64(room-held) {
		w.t.Fatalf("report through %d promises %d of %d, but %d are held", r.AppliedThrough, free, room, held)
	}
}

func (w *world) rejected(r *event.CommandRejected) {
	if r.Incarnation == w.incarnation && w.last[id(r.Workload)] == r.Number && w.wanted[id(r.Workload)] != nil {
		w.command(r.Workload, 0)
	}
}

// --- the leader ---

// answer answers the newest hello with everything that is wanted.
func (w *world) answer() {
	if len(w.hellos) == 0 {
		return
	}
	w.incarnation = w.hellos[len(w.hellos)-1]
	w.hellos = nil
	w.first, w.through = w.number+1, w.number+uint64(len(w.wanted))
	w.send(&event.CommandSynchronise{Cluster: "eu-1", Incarnation: w.incarnation, First: w.first, Through: w.through})
	clear(w.last)
	for _, n := range names {
		if c := w.wanted[id(n)]; c != nil {
			w.command(n, c.Replicas)
		}
	}
}

// command wants so many replicas of a workload; none means it is withdrawn.
func (w *world) command(n event.WorkloadName, replicas int) {
	if w.incarnation == 0 {
		return
	}
	w.number++
	w.last[id(n)] = w.number
	if replicas == 0 {
		delete(w.wanted, id(n))
		w.send(&event.CommandWithdraw{Cluster: "eu-1", Incarnation: w.incarnation, Number: w.number, Tenant: "shop", Workload: n, Generation: 1})
		return
	}
	c := &event.CommandPlace{
		Cluster: "eu-1", Incarnation: w.incarnation, Number: w.number, Tenant: "shop", Workload: n, Generation: 1,
		Kind: event.KindService, Replicas: replicas, Shapes: []event.ShapeUse{{Shape: "s", Replicas: replicas}},
		Template: event.Template{Resources: event.Resources{CPUMilli: unit}},
	}
	w.wanted[id(n)] = c
	w.send(c)
}

func (w *world) send(p event.Payload) {
	w.sequence++
	e := event.New(event.PlacementSource("a"), p)
	e.At = event.At{Stream: event.Placements, Sequence: w.sequence}
	w.channel = append(w.channel, &message{event: e})
}

// deliver hands a message of the channel to an agent: the next one not given yet, or
// when it goes badly any one, out of order or again.
func (w *world) deliver(a *actor, well bool) {
	at := slices.IndexFunc(w.channel, func(m *message) bool { return !m.given })
	if !well && len(w.channel) > 0 {
		at = rapid.IntRange(0, len(w.channel)-1).Draw(w.t, "message")
	}
	if at < 0 {
		return
	}
	m := w.channel[at]
	m.given = true
	if number, incarnation := numberOf(m.event.Data); incarnation == a.machine.Incarnation() || incarnation == w.incarnation {
		a.got[number] = true
	}
	w.step(a, agent.CommandArrived{Event: m.event})
}

func numberOf(p event.Payload) (number, incarnation uint64) {
	switch c := p.(type) {
	case *event.CommandPlace:
		return c.Number, c.Incarnation
	case *event.CommandWithdraw:
		return c.Number, c.Incarnation
	}
	return 0, 0
}
