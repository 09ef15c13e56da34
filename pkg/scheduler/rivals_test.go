package scheduler

import (
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
)

// TestGone: how likely others are first hangs on who goes where.
func TestGone(t *testing.T) {
	f := newFleet(t)
	f.addCluster("c", nil, "tight nodes=1 cpu=4 mem=64\nnext nodes=1 cpu=6 mem=64\nroomy nodes=1 cpu=30 mem=64\ntwo nodes=2 cpu=40 mem=64\nmany nodes=9 cpu=50 mem=64\n")
	ask := func(cpu int64) event.Resources { return event.Resources{CPUMilli: cpu * 1000, MemoryBytes: 1 << 30} }
	r := f.s.clusters.get("c").freeRoom()
	gone := func(shape int, cpu, odds int64, mix ...wanted) int64 {
		f.s.known.learnRivals(mix)
		f.s.known.stamp++
		r.odds = odds
		return r.gone(&r.shapes[shape], f.s.known.class(spec(t, "t/w", map[string]string{"cpu": amount("cpu", cpu*1000), "mem": "1"})))
	}
	small, large := wanted{Request: ask(3), Asked: 3}, wanted{Request: ask(20), Asked: 1}
	for name, c := range map[string][2]int64{
		"the tightest against the next":             {gone(0, 3, 400, small), gone(1, 3, 400, small)},
		"the next against one after it":             {gone(1, 5, 400, small), gone(2, 5, 400, small)},
		"many come against few":                     {gone(0, 3, 800, small), gone(0, 3, 400, small)},
		"one that leaves room against none":         {gone(1, 4, 400, small), gone(1, 3, 400, small)},
		"who asks for it against who rarely does":   {gone(2, 20, 400, large), gone(2, 20, 400, small, large)},
		"one node against two":                      {gone(2, 20, 400, large), gone(3, 20, 400, large)},
		"two nodes against many":                    {gone(3, 20, 4000, large), gone(4, 20, 4000, large)},
		"room that nobody aims at against a refuge": {gone(2, 3, 400, small), gone(4, 3, 400, small)},
	} {
		if c[0] <= c[1] {
			t.Errorf("%s: %d is not more than %d millionths", name, c[0], c[1])
		}
	}
	if got := gone(0, 3, mostCome, small); got != million {
		t.Errorf("when many are sure to come: %d, want a million", got)
	}
	if got := gone(0, 5, 400, small); got != 0 {
		t.Errorf("where it does not fit: %d, want 0", got)
	}
	if got, want := gone(0, 3, 400, small), int64(400*(750+250/14)); got < want-want/20 || got > want+want/20 {
		t.Errorf("the tightest of 14 nodes that all want: %d, want about %d", got, want)
	}
}

// TestDoubt: a fleet that nobody knows yet is taken for one that others use too, until
// its clusters have reported for a while without a surprise.
func TestDoubt(t *testing.T) {
	f := newFleet(t)
	for _, c := range []event.ClusterID{"a", "b", "c"} {
		f.addCluster(c, nil, "n nodes=4 cpu=64 mem=64 gpus=1\n")
	}
	for i := range 4 {
		f.fact(event.Intents, spec(t, fmt.Sprintf("t/w%d", i), map[string]string{"cpu": "1", "mem": "1"}))
		f.decide()
	}
	f.tick(1)
	if f.s.lull == 0 {
		t.Error("nobody is expected in a fleet that nobody knows")
	}
	was := f.s.lull
	for range 6 {
		f.tick(20)
		for _, c := range f.order {
			f.report(c)
		}
	}
	f.tick(1)
	if f.s.lull != 0 {
		t.Errorf("after six minutes of clusters without a surprise one is expected each %d ms, at first %d", f.s.lull, was)
	}
}
