package scheduler

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"fairlead.dev/pkg/event"
)

// TestIndexFollowsTheFleet decides for a fleet large enough that indexes catch up with
// changes and are not made anew: every decision is held against a look at all clusters
// (mustEqualScan), while clusters fill, are cordoned and report.
func TestIndexFollowsTheFleet(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, seed))
	f := newFleet(t)
	f.unchecked, f.scans = true, true
	for i := range 40 {
		f.addCluster(event.ClusterID(fmt.Sprintf("c%02d", i)), nil, "small nodes=3 cpu=8 mem=32\nlarge nodes=2 cpu=16 mem=64\n")
	}
	for i := range 400 {
		args := map[string]string{"cpu": fmt.Sprintf("%dm", 250*(1+rng.IntN(12))), "mem": fmt.Sprint(1 + rng.IntN(6))}
		if rng.IntN(2) == 0 {
			args["strategy"] = "pack"
		}
		f.fact(event.Intents, spec(t, fmt.Sprintf("t/w%d", i), args))
		c := f.order[rng.IntN(len(f.order))]
		switch rng.IntN(6) {
		case 0:
			f.fact(event.Intents, &event.ClusterCordoned{Cluster: c})
		case 1:
			f.fact(event.Intents, &event.ClusterUncordoned{Cluster: c})
		case 2:
			f.settle(c, 0)
			f.report(c)
		}
		f.decide()
	}
}

// TestIndexFollowsTime does so while others take room, much at first and little later,
// and the reports of some clusters grow old: what a cluster is worth falls with time
// alone, and rises where surprises grow rare.
func TestIndexFollowsTime(t *testing.T) {
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, seed))
	f := newFleet(t)
	f.unchecked, f.scans = true, true
	for i := range 40 {
		shapes := fmt.Sprintf("small nodes=%d cpu=8 mem=32\nlarge nodes=%d cpu=16 mem=64\n", 1+i%3, 1+i%2)
		f.addCluster(event.ClusterID(fmt.Sprintf("c%02d", i)), nil, shapes)
	}
	for i := range 300 {
		args := map[string]string{"cpu": fmt.Sprintf("%dm", 500*(1+rng.IntN(4))), "mem": "1", "strategy": "pack"}
		f.fact(event.Intents, spec(t, fmt.Sprintf("t/w%d", i), args))
		f.decide()
		f.tick(1)
		for at, c := range f.order {
			switch {
			case rng.IntN(20) == 0 && i < 60:
				f.clusters[c].intrude(rng.IntN(5), rng.IntN(3) > 0)
			case (i+at)%(4+at%20) != 0:
				continue
			}
			f.settle(c, 0)
			f.report(c)
		}
		f.decide()
		if rng.IntN(2) == 0 && i > 20 {
			f.fact(event.Intents, &event.WorkloadWithdrawn{Tenant: "t", Name: event.WorkloadName(fmt.Sprintf("w%d", i-20))})
		}
	}
	if f.s.lull == 0 {
		t.Error("nobody was surprised")
	}
}

// TestIndexFollowsRivals: what is placed on one node leads others to another, so that a
// third is safer than it was.
func TestIndexFollowsRivals(t *testing.T) {
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, seed))
	f := newFleet(t)
	f.unchecked, f.scans = true, true
	for i := range 20 {
		f.addCluster(event.ClusterID(fmt.Sprintf("c%02d", i)), nil, "a nodes=1 cpu=64 mem=256 gpus=4\nb nodes=2 cpu=32 mem=128 gpus=2\nc nodes=1 cpu=32 mem=256 gpus=8\n")
	}
	for i := range 500 {
		args := map[string]string{"cpu": fmt.Sprint(1 + rng.IntN(8)), "mem": "1", "strategy": "pack", "gpu": []string{"300m", "500m", "700m", "1", "2"}[rng.IntN(5)]}
		f.fact(event.Intents, spec(t, fmt.Sprintf("t/w%d", i), args))
		f.decide()
		if c := f.order[rng.IntN(len(f.order))]; i%3 == 0 {
			f.clusters[c].intrude(rng.IntN(4), rng.IntN(2) > 0)
			f.settle(c, 0)
			f.report(c)
		}
		if i%5 == 0 {
			f.tick(1)
		}
		if i > 60 {
			f.fact(event.Intents, &event.WorkloadWithdrawn{Tenant: "t", Name: event.WorkloadName(fmt.Sprintf("w%d", i-60))})
			f.decide()
		}
		f.mustBound()
	}
}

// mustBound checks that no cluster is worth more than an index thinks.
func (f *fleet) mustBound() {
	f.tb.Helper()
	for _, key := range sortedKeys(f.s.known.profiles) {
		p := f.s.known.profiles[key]
		if p.index == nil || !f.s.follows(p.index) {
			continue
		}
		x := f.s.current(p.index, p.index.asks, p.index.anywhere)
		for _, c := range f.s.clusters.byNumber {
			if is := f.s.leaf(x, c); is > x.scores[c.number] {
				f.tb.Fatalf("%s is worth %d, its leaf says %d", c.id, is, x.scores[c.number])
			}
		}
	}
}

// TestIndexFollowsTheMean: that others grow quiet makes clusters better of which nothing
// new is known.
func TestIndexFollowsTheMean(t *testing.T) {
	f := newFleet(t)
	f.unchecked, f.scans = true, true
	for i := range 40 {
		shape := "many nodes=9 cpu=8 mem=32\n"
		if i == 0 {
			shape = "lone nodes=1 cpu=2 mem=8\n"
		}
		f.addCluster(event.ClusterID(fmt.Sprintf("c%02d", i)), nil, shape)
	}
	submit := func(name string) bool {
		f.fact(event.Intents, spec(t, name, map[string]string{"cpu": "2", "mem": "1", "strategy": "pack"}))
		f.decide()
		return f.s.workloads[mustID(t, name)].on(f.s.clusters.get("c00")) != nil
	}
	f.tick(2)
	f.clusters["c01"].intrude(0, true)
	for _, c := range f.order[1:6] {
		f.report(c)
	}
	f.tick(1)
	if submit("t/early") {
		t.Error("the last room of a shape is taken while surprises are frequent")
	}
	f.tick(8)
	for _, c := range f.order[5:] {
		f.report(c)
	}
	f.tick(1)
	if !submit("t/late") {
		t.Error("the best room is left alone although surprises grew rare")
	}
}

// TestIndexFollowsLosses: a report that brings no node into a state that is new, but has
// less free, makes the cluster worth less at once, whether or not anybody was surprised
// before.
func TestIndexFollowsLosses(t *testing.T) {
	f := newFleet(t)
	f.unchecked, f.scans = true, true
	f.addCluster("full", nil, "small nodes=4 cpu=8 mem=32\n")
	f.addCluster("half", nil, "small nodes=4 cpu=8 mem=32\n")
	on := f.clusters["full"]
	on.intrude(0, true)
	f.report("full")
	f.clusters["half"].intrude(0, true)
	f.clusters["half"].intrude(1, true)
	f.report("half")
	submit := func(name string) event.ClusterID {
		f.fact(event.Intents, spec(t, name, map[string]string{"cpu": "1", "mem": "1"}))
		f.decide()
		return f.s.workloads[mustID(t, name)].seats[0].c.id
	}
	if got := submit("t/first"); got != "full" {
		t.Fatalf("the first goes to %s", got)
	}
	f.settle("full", 0)
	f.report("full")
	submit("t/second")
	f.fact(event.Intents, spec(t, "t/large", map[string]string{"cpu": "9", "mem": "1"}))
	f.decide() // finds no room, but all that the index had to follow
	f.settle("full", 0)
	on.intrude(2, true)
	on.intrude(3, true)
	f.report("full")
	if f.s.lull != 0 {
		t.Fatal("the fleet was surprised, which makes every index anew")
	}
	if got := submit("t/third"); got != "half" {
		t.Errorf("the third goes to %s, of which others took most", got)
	}
}
