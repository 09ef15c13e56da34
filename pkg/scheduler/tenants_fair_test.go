package scheduler

import (
	"fmt"
	"slices"
	"testing"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// TestNobodyStarves: small jobs come all the time and take whatever ends, some of
// higher priority; a large one that fits on a cluster only when much of it is free has
// its place before long all the same. Every job ends within a minute.
func TestNobodyStarves(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFleet(rt)
		f.replays = false
		f.law = (&tenantLaws{f: f}).lawful
		c := &crowd{f: f, ends: map[event.WorkloadID]int64{}, longest: rapid.IntRange(3, 60).Draw(rt, "longest")}
		nodes, clusters := rapid.IntRange(2, 6).Draw(rt, "nodes"), rapid.IntRange(1, 3).Draw(rt, "clusters")
		f.fact(event.Intents, fleetPolicy(map[string]string{"aging": fmt.Sprint(rapid.SampledFrom([]int{1, 2, 5}).Draw(rt, "aging"))}))
		for i := range clusters {
			f.addCluster(event.ClusterID(fmt.Sprintf("c%d", i)), nil, fmt.Sprintf("s nodes=%d cpu=4 mem=16\n", nodes))
		}
		c.fill(rt)
		large := event.WorkloadID{Tenant: "large", Name: "one"}
		f.fact(event.Intents, spec(rt, large.String(), map[string]string{
			"kind": rapid.SampledFrom([]string{"service", "job"}).Draw(rt, "kind"), "cpu": "4", "mem": "1", "replicas": fmt.Sprint(nodes),
		}))
		for range 400 {
			c.second(rt)
			if v, _ := f.s.Workload(large); v.Verdict == event.VerdictPlaced {
				return
			}
		}
		v, _ := f.s.Workload(large)
		rt.Fatalf("it starves: %s since %d, now %d, claims %+v", v.Verdict, f.s.workloads[large].since, f.s.observed, f.s.workloads[large].claimed())
	})
}

// crowd is a stream of small jobs.
type crowd struct {
	f       *fleet
	ends    map[event.WorkloadID]int64
	count   int
	longest int
}

// fill keeps more small jobs waiting than there is room for.
func (c *crowd) fill(rt *rapid.T) {
	for c.waiting() < 8 {
		for range 8 {
			c.count++
			c.f.fact(event.Intents, spec(rt, fmt.Sprintf("crowd/j%d", c.count), map[string]string{
				"kind": "job", "cpu": "2", "mem": "1", "priority": fmt.Sprint(c.count % 3),
			}))
		}
		c.f.record()
	}
}

func (c *crowd) waiting() int {
	n := 0
	for _, w := range c.f.s.Workloads() {
		if w.Spec.Tenant == "crowd" && len(w.Assignments) == 0 && w.Verdict != event.VerdictCompleted {
			n++
		}
	}
	return n
}

// second lets a second pass: jobs that are due end, others start, new ones come.
func (c *crowd) second(rt *rapid.T) {
	c.f.tick(1)
	c.f.record()
	for _, id := range c.f.order {
		c.f.settle(id, 0)
		for _, w := range slices.SortedFunc(mapKeys(c.f.clusters[id].objects), event.WorkloadID.Compare) {
			c.end(id, w)
		}
		c.f.record()
		c.f.settle(id, 0)
		c.f.report(id)
		c.f.record()
	}
	for _, w := range c.f.s.Workloads() {
		if w.Verdict == event.VerdictCompleted {
			c.f.fact(event.Intents, &event.WorkloadWithdrawn{Tenant: w.Spec.Tenant, Name: w.Spec.Name})
		}
	}
	c.fill(rt)
}

func (c *crowd) end(id event.ClusterID, w event.WorkloadID) {
	if w.Tenant != "crowd" {
		return
	}
	switch at := c.ends[w]; {
	case at == 0:
		c.ends[w] = c.f.s.observed + 1000*(1+int64(hash(string(w.Name), 1)%uint64(c.longest)))
	case at <= c.f.s.observed:
		c.f.succeed(id, w, -1, 0)
	}
}

// TestSharesFollowWeights: tenants that want more than there is get room in proportion
// to their weights, groups first and then their members, whatever the order in which
// they ask.
func TestSharesFollowWeights(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFleet(rt)
		f.replays = false
		weights := map[string]int{}
		for _, name := range []string{"g", "h", "g1", "g2"} {
			weights[name] = rapid.IntRange(1, 4).Draw(rt, name)
			parent := ""
			if len(name) > 1 {
				parent = name[:1]
			}
			f.fact(event.Intents, quotaSet(event.Tenant(name), map[string]string{"parent": parent, "weight": fmt.Sprint(weights[name])}))
		}
		order := rapid.Permutation(slices.Repeat([]string{"h", "g1", "g2"}, 60)).Draw(rt, "order")
		for i, name := range order {
			f.fact(event.Intents, spec(rt, fmt.Sprintf("%s/w%d", name, i), map[string]string{"kind": "job", "cpu": "1", "mem": "1"}))
			f.record()
		}
		f.addCluster("c", nil, "s nodes=60 cpu=1 mem=4\n")
		f.tick(1)
		f.record()
		got := map[string]int{}
		for _, w := range f.s.Workloads() {
			if len(w.Assignments) > 0 {
				got[string(w.Spec.Tenant)]++
			}
		}
		near := func(what string, have, all, weight, sum int) {
			if d := have*sum - all*weight; d > 2*sum || d < -2*sum {
				rt.Fatalf("%s has %d of %d by weight %d of %d: %v", what, have, all, weight, sum, got)
			}
		}
		all, g := got["h"]+got["g1"]+got["g2"], got["g1"]+got["g2"]
		if all != 60 {
			rt.Fatalf("%d of 60 places are used", all)
		}
		near("h", got["h"], all, weights["h"], weights["g"]+weights["h"])
		near("g1", got["g1"], g, weights["g1"], weights["g1"]+weights["g2"])
	})
}

// TestTurns: the heaps along the tree of accounts give workloads in the order that a
// plain comparison of all of them gives.
func TestTurns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := New(DefaultConfig())
		at := uint64(0)
		apply := func(p event.Payload) {
			at++
			s.Apply(event.Event{Data: p, At: event.At{Stream: event.Intents, Sequence: at}})
		}
		for range rapid.IntRange(0, 6).Draw(rt, "quotas") {
			apply(drawQuota(rt))
		}
		for range rapid.IntRange(1, 20).Draw(rt, "workloads") {
			id := event.WorkloadID{Tenant: rapid.SampledFrom(drawnTenants).Draw(rt, "tenant"), Name: event.WorkloadName(fmt.Sprintf("w%d", rapid.IntRange(0, 9).Draw(rt, "name")))}
			apply(drawTenantSpec(rt, id))
			s.setCharge(s.workloads[id], &charge{Request: event.Resources{CPUMilli: 1000}, Replicas: rapid.IntRange(1, 5).Draw(rt, "used")})
			if rapid.IntRange(0, 4).Draw(rt, "again") == 0 {
				apply(drawQuota(rt))
			}
		}
		s.capacity = event.Resources{CPUMilli: 20_000}
		s.books.fleet = s.capacity
		for _, a := range append(s.books.sorted(), s.books.root) {
			a.weigh(s.capacity)
		}
		s.reorder(s.books.root)
		for s.books.root.top != nil {
			first := s.books.root.top
			for _, id := range s.workloadIDs() {
				if w := s.workloads[id]; w.slot.dirty.taken() && w != first && plainlyBefore(s, w, first) {
					rt.Fatalf("%s comes before %s, but its turn is later", first.id, w.id)
				}
			}
			first.untouch()
		}
	})
}

// plainlyBefore compares two workloads by level, shares where their groups part, age.
func plainlyBefore(s *State, a, b *workload) bool {
	if a.slot.level != b.slot.level {
		return a.slot.level > b.slot.level
	}
	x, y := siblings(a.account, b.account)
	if x != y && x.share*y.weight() != y.share*x.weight() {
		return x.share*y.weight() < y.share*x.weight()
	}
	return false // between equal shares of groups the age of what is first in them counts
}
