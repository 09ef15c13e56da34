package agenttest

import (
	"errors"
	"fmt"
	"testing"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Run runs the contract against the adapter, each case on a new cluster.
func Run(t *testing.T, s Suite) {
	cases := []struct {
		name string
		run  func(*bench)
	}{
		{"an empty cluster says what it is", emptyCluster},
		{"create, and create again", createTwice},
		{"the same again writes nothing", noOp},
		{"another number alone is kept on the object", renumber},
		{"scale up, down and to nothing", scale},
		{"another specification replaces the first", respecify},
		{"an older token changes nothing", olderToken},
		{"withdraw, and withdraw again", withdrawTwice},
		{"a tombstone outlives the agent", tombstone},
		{"two agents at once: the higher token stays", twoAgents},
		{"killed between apply and ack", killedAfterApply},
		{"killed while applying", killedWhileApplying},
		{"drift is seen and repaired", drift},
		{"a deleted object is made again", deleted},
		{"a foreign object of the same name is never touched", foreign},
		{"a quota refuses", quota},
		{"what fits on no node is refused or waits, unbound", unschedulable},
		{"events missed are seen by looking", severed},
		{"a change by hand is hinted", hinted},
		{"replicas become ready, and their room is taken once", runs},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(newBench(t, s)) })
	}
}

func emptyCluster(b *bench) {
	v := b.view()
	if v.Facts.Orchestrator == "" || len(v.Facts.Kinds) == 0 {
		b.t.Errorf("facts %+v: want an orchestrator and the kinds it runs", v.Facts)
	}
	if len(v.Objects) != 0 {
		b.t.Errorf("objects %v in an empty cluster", v.Objects)
	}
	checkShapes(b.t, v.Shapes)
}

func createTwice(b *bench) {
	d := b.desired(1, 2, 0)
	b.apply(d)
	b.apply(d)
	b.wantStored(1, 2)
	o := b.object()
	if o.Token != 1 || o.Generation != d.Generation || o.Hash != d.Hash || o.Wanted != 2 {
		b.t.Errorf("observed %+v, want token 1, generation %d, hash %s, 2 replicas", o, d.Generation, d.Hash)
	}
}

func noOp(b *bench) {
	d := b.desired(1, 2, 0)
	b.apply(d)
	before := b.stored()
	b.apply(d)
	if after := b.stored(); after.Revision != before.Revision {
		b.t.Errorf("the same apply again wrote to the object: revision %s, then %s", before.Revision, after.Revision)
	}
}

func renumber(b *bench) {
	b.apply(b.desired(1, 2, 0))
	b.apply(b.desired(5, 2, 0))
	b.wantStored(5, 2)
}

func scale(b *bench) {
	for token, replicas := range []int{1, 3, 2, 0} {
		b.apply(b.desired(uint64(token+1), replicas, 0))
		b.wantStored(uint64(token+1), replicas)
		if o := b.object(); o.Wanted != replicas {
			b.t.Errorf("observed %d wanted replicas, want %d", o.Wanted, replicas)
		}
	}
}

func respecify(b *bench) {
	first, second := b.desired(1, 1, 0), b.desired(2, 1, 1)
	if first.Hash == second.Hash {
		b.t.Fatal("the suite's samples 0 and 1 are the same specification")
	}
	b.apply(first)
	b.apply(second)
	if o := b.object(); o.Hash != second.Hash || o.Token != 2 {
		b.t.Errorf("observed %+v, want hash %s and token 2", o, second.Hash)
	}
}

func olderToken(b *bench) {
	b.apply(b.desired(7, 2, 0))
	before := b.stored()
	b.wantStale(func() error { return b.o.Apply(b.ctx, b.desired(5, 3, 1)) }, "apply 5 on 7")
	b.wantStale(func() error { return b.o.Withdraw(b.ctx, agent.Withdrawal{Workload: b.w, Token: 6}) }, "withdraw 6 on 7")
	if after := b.stored(); after != before {
		b.t.Errorf("an older token changed %+v to %+v", before, after)
	}
}

func withdrawTwice(b *bench) {
	b.withdraw(1) // nothing is there
	b.apply(b.desired(2, 1, 0))
	b.withdraw(3)
	b.withdraw(3)
	b.wantNone()
}

func tombstone(b *bench) {
	b.apply(b.desired(2, 1, 0))
	b.withdraw(4)
	for range 2 {
		b.wantStale(func() error { return b.o.Apply(b.ctx, b.desired(3, 1, 0)) }, "apply 3 after withdraw 4")
		b.wantStale(func() error { return b.o.Apply(b.ctx, b.desired(4, 1, 0)) }, "apply 4 after withdraw 4")
		b.restart()
	}
	b.wantNone()
	b.eventually("apply 5 after withdraw 4", func() error { return b.o.Apply(b.ctx, b.desired(5, 1, 0)) })
	b.wantStored(5, 1)
}

func twoAgents(b *bench) {
	agents := []agent.Orchestrator{b.o, b.c.Orchestrator(b.t)}
	const last = 10
	done := make(chan error)
	for i, o := range agents {
		go func() { done <- b.race(o, i, len(agents), last) }()
	}
	for range agents {
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	}
	b.wantStored(last, 1+last%3)
}

func killedAfterApply(b *bench) {
	d := b.desired(1, 2, 0)
	b.apply(d)
	before := b.stored()
	b.restart()
	b.apply(d)
	if after := b.stored(); after != before {
		b.t.Errorf("the apply after a restart changed %+v to %+v", before, after)
	}
}

func killedWhileApplying(b *bench) {
	for token := uint64(1); token <= 5; token++ {
		b.applyKilled(b.desired(token, 2, 0))
		b.restart()
	}
	b.apply(b.desired(6, 2, 0))
	b.wantStored(6, 2)
}

func drift(b *bench) {
	d := b.desired(3, 2, 0)
	b.apply(d)
	b.c.Scale(b.t, b.w, 1)
	b.wantObject("show 1 wanted replica", func(o *agent.Object) bool { return o != nil && o.Wanted == 1 })
	b.apply(d)
	b.wantStored(3, 2)
	b.wantObject("show 2 wanted replicas again", func(o *agent.Object) bool { return o != nil && o.Wanted == 2 && o.Hash == d.Hash })
}

func deleted(b *bench) {
	d := b.desired(3, 2, 0)
	b.apply(d)
	b.c.Delete(b.t, b.w)
	b.wantObject("show no object", func(o *agent.Object) bool { return o == nil || o.Removed })
	b.eventually("apply the same token again", func() error { return b.o.Apply(b.ctx, d) })
	b.wantStored(3, 2)
}

func foreign(b *bench) {
	b.c.MakeForeign(b.t, b.w)
	b.wantRejected(b.tryApply(b.desired(1, 1, 0)), event.RejectReasonConflict)
	b.withdraw(2)
	if !b.c.Foreign(b.t, b.w) {
		b.t.Error("the foreign object was touched")
	}
	if o := b.look(); o != nil {
		b.t.Errorf("the foreign object is observed as ours: %+v", o)
	}
}

func quota(b *bench) {
	b.c.Exhaust(b.t)
	b.wantRejected(b.tryApply(b.desired(1, 1, 0)), event.RejectReasonQuota)
	b.wantNone()
}

func unschedulable(b *bench) {
	d := b.desired(1, 2, 0)
	d.Template.Resources.CPUMilli = 1_000_000_000
	d.Hash = agent.Hash(d)
	err := b.tryApply(d)
	if err != nil {
		b.wantRejected(err, event.RejectReasonCapacity)
		b.wantNone()
		return
	}
	b.wantStored(1, 2)
	if o := b.object(); o.Ready != 0 || o.Pending != 2 || len(o.Bound) != 0 {
		b.t.Errorf("observed %+v, want 2 pending and none bound", o)
	}
}

func severed(b *bench) {
	b.apply(b.desired(1, 3, 0))
	b.c.Sever(b.t)
	b.c.Scale(b.t, b.w, 1)
	b.wantObject("show what happened while the watch was broken", func(o *agent.Object) bool { return o != nil && o.Wanted == 1 })
}

func hinted(b *bench) {
	b.apply(b.desired(1, 3, 0))
	hints, end := b.watch()
	defer end()
	replicas := 3
	b.eventually("a hint for a change by hand", func() error { // again and again: when the watch is open cannot be seen
		select {
		case <-hints:
			return nil
		default:
			replicas = 5 - replicas
			b.c.Scale(b.t, b.w, replicas)
			return errors.New("no hint")
		}
	})
	b.wantObject("show the change", func(o *agent.Object) bool { return o != nil && o.Wanted == replicas })
}

func runs(b *bench) {
	if !b.suite.Runs {
		b.t.Log("this cluster starts no replicas: their room is checked where one does")
		return
	}
	before := freeCPU(b.view())
	d := b.desired(1, 3, 0)
	b.apply(d)
	b.eventually("3 ready replicas", func() error {
		if o := b.object(); o.Ready != 3 || o.Pending != 0 || bound(o) != 3 {
			return fmt.Errorf("observed %+v", o)
		}
		return nil
	})
	v := b.view()
	checkShapes(b.t, v.Shapes)
	if took, want := before-freeCPU(v), 3*d.Template.Resources.CPUMilli; took != want {
		b.t.Errorf("3 replicas took %d thousandths of CPU off the free room, want %d", took, want)
	}
	b.withdraw(2)
	b.eventually("the room to come back", func() error {
		if free := freeCPU(b.view()); free != before {
			return fmt.Errorf("%d thousandths of CPU free, were %d", free, before)
		}
		return nil
	})
}

// race applies every n-th token, and says what no agent should meet.
func (b *bench) race(o agent.Orchestrator, from, step int, last int) error {
	for token := from + 1; token <= last; token += step {
		d := b.desired(uint64(token), 1+token%3, 0)
		if err := b.persist(func() error { return o.Apply(b.ctx, d) }); err != nil && !errors.Is(err, agent.ErrStale) {
			return fmt.Errorf("apply %d: %w", token, err)
		}
	}
	return nil
}
