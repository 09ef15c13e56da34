package scheduler

import (
	"math/rand/v2"
	"testing"

	"fairlead.dev/pkg/event"
)

// TestWinners sets leaves of trees of several heights at random, with many ties, and holds
// the winner against a look at all of them.
func TestWinners(t *testing.T) {
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, seed))
	for _, n := range []int{1, fan - 1, fan, 3 * fan, fan*fan + 1, 2*fan*fan + 7} {
		r := &roster{order: make([]int32, n)}
		for i, place := range rng.Perm(n) {
			r.order[i] = int32(place)
		}
		leaves := (n + fan) / fan * fan
		x := &index{scores: make([]int64, leaves), rounds: rounds(leaves)}
		for i := range x.scores {
			x.scores[i] = closed
		}
		r.rank(x)
		for range 4000 {
			score := int64(rng.IntN(6))
			if rng.IntN(4) == 0 {
				score = closed
			}
			r.set(x, int32(rng.IntN(n)), score)
			best := int32(0)
			for i := range n {
				if r.beats(x.scores[i], int32(i), x.scores[best], best) {
					best = int32(i)
				}
			}
			if got := r.top(x); got != best && (x.scores[got] != closed || x.scores[best] != closed) {
				t.Fatalf("seed %d, %d leaves: %d wins with %d, want %d with %d", seed, n, got, x.scores[got], best, x.scores[best])
			}
		}
	}
}

// TestAlike: what is thought of a cluster is asked again when its reports say something
// else, and of one for all that say the same.
func TestAlike(t *testing.T) {
	f := newFleet(t)
	for _, id := range []event.ClusterID{"a", "b"} {
		f.addCluster(id, map[string]string{"region": "eu"}, "small nodes=4 cpu=8 mem=32\n")
	}
	a, b := f.s.clusters.get("a"), f.s.clusters.get("b")
	f.fact(event.Intents, spec(t, "t/w", map[string]string{"cpu": "1", "mem": "1", "regions": "eu"}))
	q := f.s.workloads[mustID(t, "t/w")].query
	f.s.prepare(q)
	if !f.s.passes(q, a, false) || !f.s.passes(q, b, false) || f.s.known.alike(a) != f.s.known.alike(b) {
		t.Error("two clusters that say the same are not alike")
	}
	for what, change := range map[string]func(*event.ClusterCapacityReported){
		"region": func(r *event.ClusterCapacityReported) { r.Region = "us" },
		"taint": func(r *event.ClusterCapacityReported) {
			r.Taints = []event.Taint{{Key: "k", Effect: event.TaintEffectNoSchedule}}
		},
		"kinds":        func(r *event.ClusterCapacityReported) { r.Kinds = []event.Kind{event.KindJob} },
		"orchestrator": func(r *event.ClusterCapacityReported) { r.Orchestrator, r.Native = "nomad", []string{"nomad"} },
	} {
		rep := f.clusters["b"].rep
		change(&f.clusters["b"].rep)
		f.report("b")
		f.s.prepare(q)
		if f.s.known.alike(a) == f.s.known.alike(b) {
			t.Errorf("%s: still alike", what)
		}
		if want := what == "orchestrator"; f.s.passes(q, b, false) != want {
			t.Errorf("%s: passes is not %v", what, want)
		}
		f.clusters["b"].rep = rep
		f.report("b")
		if !f.s.passes(q, b, false) {
			t.Errorf("%s: closed for ever", what)
		}
	}
}
