package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// pass lets seconds pass in which every cluster that lives carries out its commands
// and reports; what the leader records is told with the second.
func (f *fleet) pass(n int) string {
	var b strings.Builder
	for range n {
		f.tick(1)
		for range 10 {
			records := f.decide()
			f.reportAll()
			records = append(records, f.decide()...)
			if len(records) == 0 {
				break
			}
			fmt.Fprintf(&b, "%ds\n%s", f.s.Observed()/1000, tell(records))
		}
	}
	if b.Len() == 0 {
		return "(nothing)\n"
	}
	return b.String()
}

// reportAll lets every cluster that lives catch up.
func (f *fleet) reportAll() {
	for _, id := range f.order {
		f.settle(id, 0)
		f.report(id)
		for _, w := range f.s.workloadIDs() {
			f.status(id, w, -1)
		}
	}
}

// seconds lets time pass with a decision after every tick.
func (f *fleet) seconds(n int) {
	for range n {
		f.tick(1)
		f.record()
	}
	f.check()
}

// upheaval is what happens to whole clusters, and what operators say about it.
func upheaval(rt *rapid.T, f *fleet, c event.ClusterID) {
	switch rapid.SampledFrom([]string{"limit", "limit", "die", "die", "lease", "release", "return", "massacre", "fleet", "taint"}).Draw(rt, "upheaval") {
	case "die":
		f.clusters[c].dead = true
		f.living(rapid.SampledFrom([]int{1, 15, 40}).Draw(rt, "seconds"))
	case "return":
		f.comeBack(c)
		if rapid.Bool().Draw(rt, "crashed") {
			f.hello(c)
		}
	case "limit":
		w := event.WorkloadID{Tenant: "t", Name: event.WorkloadName(rapid.SampledFrom([]string{"a", "b", "once"}).Draw(rt, "limited"))}
		args := map[string]string{"ready": rapid.SampledFrom([]string{"0", "1"}).Draw(rt, "most")}
		if rapid.Bool().Draw(rt, "stranded") {
			args["stranded"] = ""
		}
		f.clusters[c].limit(w, args)
		f.living(rapid.SampledFrom([]int{1, 12}).Draw(rt, "seconds"))
	case "lease":
		f.clusters[c].rep.Leased = rapid.Bool().Draw(rt, "leased")
		f.report(c)
	case "release":
		if w := (event.WorkloadID{Tenant: "t", Name: "once"}); f.clusters[c].instances(w) == 0 && !f.awaits(c, w) {
			f.fact(event.Intents, &event.WorkloadReleased{Tenant: w.Tenant, Name: w.Name, Cluster: c})
		}
	case "massacre":
		for _, id := range f.order {
			f.clusters[id].dead = rapid.Bool().Draw(rt, "dead")
		}
		f.living(rapid.SampledFrom([]int{15, 40}).Draw(rt, "seconds"))
	case "fleet":
		f.fact(event.Intents, &event.PolicySet{Failover: &event.Failover{
			SuspectSeconds:     rapid.IntRange(2, 5).Draw(rt, "suspect"),
			LostSeconds:        rapid.IntRange(3, 20).Draw(rt, "lost"),
			EvictionsPerSecond: rapid.IntRange(1, 2).Draw(rt, "rate"),
			Disabled:           rapid.IntRange(0, 5).Draw(rt, "off") == 0,
		}, Repack: &event.Repack{
			MovesPerMinute: rapid.IntRange(0, 3).Draw(rt, "moves"),
			Failback:       rapid.Bool().Draw(rt, "failback"),
		}, Maintenance: drawWindows(rt, f)})
	case "taint":
		f.clusters[c].rep.Taints = nil
		if rapid.Bool().Draw(rt, "tainted") {
			f.clusters[c].rep.Taints = []event.Taint{{Key: "k", Value: "v", Effect: event.TaintEffectNoExecute}}
		}
		f.report(c)
	}
}

// drawWindows draws maintenance that is on, comes soon, or comes back.
func drawWindows(rt *rapid.T, f *fleet) []event.Window {
	var out []event.Window
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(rt, "windows") {
		out = append(out, event.Window{
			Clusters: drawRegion(rt), Drain: rapid.Bool().Draw(rt, "drain"), Minutes: 1, EveryHours: rapid.IntRange(0, 1).Draw(rt, "hours"),
			Start: f.clock + int64(rapid.SampledFrom([]int{-3_630, -30, 5, 20, 620}).Draw(rt, "start"))*1000,
		})
	}
	return out
}

// maintained says whether a window that the operator set is open on the cluster, by the
// date of the last tick. What is emptied in time is closed ten minutes before.
func (f *fleet) maintained(id event.ClusterID) bool {
	if f.s.fleet == nil {
		return false
	}
	return slices.ContainsFunc(f.s.fleet.Maintenance, func(w event.Window) bool {
		if w.Clusters[0].Values[0] != f.clusters[id].rep.Region {
			return false
		}
		from, to := w.Start, w.Start+int64(w.Minutes)*60_000
		if w.Drain {
			from -= 600_000
		}
		for ; w.EveryHours > 0 && to <= f.s.stored; from, to = from+int64(w.EveryHours)*3_600_000, to+int64(w.EveryHours)*3_600_000 {
		}
		return from <= f.s.stored && f.s.stored < to
	})
}

// living lets seconds pass in which the clusters that live go on.
func (f *fleet) living(n int) {
	for range n {
		f.tick(1)
		f.record()
		f.reportAll()
		f.record()
	}
	f.check()
}

// careful holds for every decision before it is applied: not more evictions in a
// second than the budget, none while they are paused, and no healthy copy given up
// before as many as wanted are healthy elsewhere.
func (f *fleet) careful(p event.Payload) {
	f.tb.Helper()
	d, ok := p.(*event.PlacementDecided)
	if !ok || d.Verdict == event.VerdictHeld {
		return
	}
	w := f.s.workloads[event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}]
	for _, a := range d.Assignments {
		if a.Command > 0 && a.Replicas > w.on(f.s.clusters.byName[a.Cluster]).held() && f.maintained(a.Cluster) {
			f.tb.Fatalf("%s is in a maintenance window: %+v", a.Cluster, d)
		}
	}
	if isEviction(d.Cause) && f.s.driven(w) != "" {
		f.evicted[d.Observed/1000]++
		if n := f.evicted[d.Observed/1000]; n > f.s.failover().EvictionsPerSecond || f.s.paused {
			f.tb.Fatalf("%d evictions in second %d, paused %v: %+v", n, d.Observed/1000, f.s.paused, d)
		}
	}
	if d.Verdict == event.VerdictPreempted || d.Verdict == event.VerdictCompleted {
		return // see lawful
	}
	if (d.Cause == event.CauseRebalance || d.Cause == event.CauseFailback) && !w.moving() {
		f.moved[d.Observed/60_000]++
		if n := f.moved[d.Observed/60_000]; n > f.s.movesPerMinute() || f.s.paused || w.once() {
			f.tb.Fatalf("%d moves in minute %d, paused %v: %+v", n, d.Observed/60_000, f.s.paused, d)
		}
	}
	if w.withdrawn || w.decidedGen != w.generation || w.refused() || w.spec.Policy.AtMostOnce {
		return
	}
	before, after := f.healthy(w, d)
	if slices.ContainsFunc(w.seats, func(on *seat) bool {
		st := on.standing()
		return st != nil && st.Generation != d.Generation
	}) {
		return // an update may take the room of what it replaces
	}
	wanted := w.spec.Replicas
	if byQuota(d.Refusals) {
		wanted -= d.Unfilled // no more are allowed
	}
	if after < min(before, wanted) && !copies(&w.spec.Policy) {
		f.tb.Fatalf("%d healthy copies before, %d after: %+v", before, after, d)
	}
}

// healthy counts copies known to be ready, and those of them that the decision leaves.
func (f *fleet) healthy(w *workload, d *event.PlacementDecided) (before, after int) {
	for _, st := range w.seats {
		c := st.c
		if !st.status.known() || c.left {
			continue
		}
		target := 0
		for _, a := range d.Assignments {
			if a.Cluster == c.id {
				target = a.Replicas
			}
		}
		ready := min(st.held(), int(st.status.ready))
		before += ready
		after += min(ready, target)
	}
	return before, after
}
