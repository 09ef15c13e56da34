package scheduler

import (
	"fmt"
	"slices"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
	"pgregory.net/rapid"
)

// TestLaws drives random fleets through random histories: submissions, updates,
// withdrawals, late and lost reports, restarts of agents, rejections, drains. The
// harness checks after every step that snapshots restore, that a fold of the log
// gives the same state and that every decision comes out of it again (see check).
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFleet(rt)
		f.replays = rapid.IntRange(0, 9).Draw(rt, "replays") == 0
		f.standby.patience = rapid.SampledFrom([]int{0, 1, 4, 20}).Draw(rt, "standby")
		drawClusters(rt, f)
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			step(rt, f)
			f.decide()
			mustHold(rt, f)
		}
		quiet(rt, f)
		mustCommute(rt, f)
	})
}

func drawClusters(rt *rapid.T, f *fleet) {
	for i := range rapid.IntRange(1, 5).Draw(rt, "clusters") {
		shapes := ""
		for j := range rapid.IntRange(1, 3).Draw(rt, "shapes") {
			shapes += fmt.Sprintf("s%d nodes=%d cpu=%d mem=%d gpus=%d\n", j, rapid.IntRange(1, 3).Draw(rt, "nodes"),
				rapid.IntRange(1, 8).Draw(rt, "cpu"), rapid.IntRange(1, 16).Draw(rt, "mem"), rapid.IntRange(0, 2).Draw(rt, "gpus"))
		}
		region := rapid.SampledFrom([]string{"eu", "us"}).Draw(rt, "region")
		f.addCluster(event.ClusterID(fmt.Sprintf("c%d", i)), map[string]string{"region": region, "zone": fmt.Sprintf("%s-%d", region, i%2)}, shapes)
	}
}

func step(rt *rapid.T, f *fleet) {
	c := rapid.SampledFrom(f.order).Draw(rt, "cluster")
	w := event.WorkloadID{Tenant: "t", Name: event.WorkloadName(rapid.SampledFrom([]string{"a", "b", "c", "d", "once", "once"}).Draw(rt, "workload"))}
	switch rapid.SampledFrom([]string{"submit", "submit", "submit", "withdraw", "settle", "settle", "report", "report", "status", "refuse", "accept", "restart", "drain", "uncordon", "cordon", "tick", "leave", "again", "again", "foreign", "upheaval", "upheaval", "late"}).Draw(rt, "act") {
	case "submit":
		f.fact(event.Intents, drawSpec(rt, w))
	case "withdraw":
		f.fact(event.Intents, &event.WorkloadWithdrawn{Tenant: w.Tenant, Name: w.Name})
	case "settle":
		f.settle(c, uint64(rapid.IntRange(0, 10).Draw(rt, "through")))
	case "report":
		f.report(c)
	case "status":
		f.status(c, w, rapid.IntRange(-1, 0).Draw(rt, "ready"))
	case "refuse", "accept":
		f.clusters[c].refuse[w] = rapid.Bool().Draw(rt, "refuse")
	case "restart", "leave":
		if rapid.IntRange(0, 3).Draw(rt, "rare") == 0 {
			f.leave(c)
		}
		f.hello(c)
	case "drain":
		f.fact(event.Intents, &event.ClusterDrained{Cluster: c})
	case "cordon":
		f.fact(event.Intents, &event.ClusterCordoned{Cluster: c})
	case "uncordon":
		f.fact(event.Intents, &event.ClusterUncordoned{Cluster: c})
	case "again":
		f.again(rt)
	case "foreign":
		f.clusters[c].intrude(rapid.IntRange(0, 8).Draw(rt, "node"), rapid.Bool().Draw(rt, "take"))
	case "tick":
		f.seconds(rapid.SampledFrom([]int{1, 1, 2, 20, 40}).Draw(rt, "ticks"))
	case "late":
		f.hear(c)
		f.clusters[c].muffled = rapid.Bool().Draw(rt, "late")
	case "upheaval":
		upheaval(rt, f, c)
	}
}

// again delivers a report, a status or a rejection of the past once more.
func (f *fleet) again(rt *rapid.T) {
	var past []event.Event
	for _, e := range f.log {
		if e.At.Stream == event.Capacity || e.At.Stream == event.Status {
			past = append(past, e)
		}
	}
	if len(past) > 0 {
		e := rapid.SampledFrom(past).Draw(rt, "past")
		f.fact(e.At.Stream, e.Data)
	}
}

func drawSpec(rt *rapid.T, id event.WorkloadID) *event.WorkloadSubmitted {
	strategy := rapid.SampledFrom([]event.Strategy{event.StrategySpread, event.StrategyPack, event.StrategyDuplicate, event.StrategyAvailable}).Draw(rt, "strategy")
	w := &event.WorkloadSubmitted{Tenant: id.Tenant, Name: id.Name, Kind: event.KindService, Replicas: rapid.IntRange(0, 6).Draw(rt, "replicas")}
	w.Template.Image = rapid.SampledFrom([]string{"app:1", "app:2"}).Draw(rt, "image")
	w.Template.Resources = event.Resources{
		CPUMilli:    int64(rapid.SampledFrom([]int{0, 250, 500, 1000, 3000}).Draw(rt, "cpu")),
		MemoryBytes: int64(rapid.IntRange(0, 4).Draw(rt, "mem")) << 30,
		GPUMilli:    int64(rapid.SampledFrom([]int{0, 0, 0, 300, 500, 1000, 2000}).Draw(rt, "gpu")),
	}
	w.Policy = event.Policy{Strategy: strategy, MaxPerCluster: rapid.SampledFrom([]int{0, 0, 2}).Draw(rt, "max"), Priority: rapid.IntRange(0, 2).Draw(rt, "priority")}
	if rapid.IntRange(0, 2).Draw(rt, "progress") == 0 {
		w.Policy.Progress = &event.Progress{
			DeadlineSeconds:      rapid.SampledFrom([]int{0, 3, 10}).Draw(rt, "deadline"),
			UnschedulableSeconds: rapid.SampledFrom([]int{0, 3, 10}).Draw(rt, "unschedulable"),
			OnStall:              rapid.SampledFrom([]event.Stall{event.StallNote, event.StallMove, event.StallRollback}).Draw(rt, "stall"),
		}
	}
	if id.Name == "once" {
		w.Replicas, w.Policy.Strategy, w.Policy.AtMostOnce = 2, event.StrategySpread, true
	}
	if rapid.IntRange(0, 3).Draw(rt, "regional") == 0 {
		w.Policy.Regions = []string{"eu"}
	}
	if rapid.IntRange(0, 2).Draw(rt, "bounded") == 0 {
		drawBounds(rt, &w.Policy)
	}
	if rapid.IntRange(0, 4).Draw(rt, "tied") == 0 {
		drawTies(rt, &w.Policy, id.Name)
	}
	return w
}

// drawBounds draws what limits the choice of clusters; some of it contradicts itself.
func drawBounds(rt *rapid.T, p *event.Policy) {
	for _, by := range rapid.SampledFrom([][]string{nil, {"region"}, {"zone"}, {"cluster"}, {"region", "cluster"}, {"zone", "region"}}).Draw(rt, "keys") {
		s := event.Spread{By: by, Min: rapid.IntRange(0, 2).Draw(rt, "min")}
		s.Max = rapid.SampledFrom([]int{0, s.Min, s.Min + 1}).Draw(rt, "most")
		p.Spread = append(p.Spread, s)
	}
	p.MinReplicas = rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(rt, "least")
	p.MinPerCluster = rapid.SampledFrom([]int{0, 0, 2}).Draw(rt, "share")
	p.MaxClusters = rapid.SampledFrom([]int{0, 0, 2}).Draw(rt, "max clusters")
	p.Division = rapid.SampledFrom([]event.Division{"", event.DivisionFresh}).Draw(rt, "division")
	if rapid.IntRange(0, 2).Draw(rt, "weighted") == 0 {
		p.Strategy = event.StrategyWeighted
		for range rapid.IntRange(0, 2).Draw(rt, "weights") {
			p.Weights = append(p.Weights, event.Weight{Weight: rapid.IntRange(0, 3).Draw(rt, "weight"), Clusters: drawRegion(rt)})
		}
	}
	if rapid.IntRange(0, 2).Draw(rt, "rollout") == 0 {
		p.Rollout = &event.Rollout{Clusters: rapid.IntRange(0, 1).Draw(rt, "step"), Groups: []event.RolloutGroup{{Clusters: drawRegion(rt)}}}
	}
	for range rapid.SampledFrom([]int{0, 0, 2}).Draw(rt, "tiers") {
		p.Tiers = append(p.Tiers, event.Tier{Clusters: drawRegion(rt)})
	}
	if rapid.IntRange(0, 3).Draw(rt, "match") == 0 {
		p.Match = []event.Term{{Clusters: drawRegion(rt)}, {Expressions: []string{`cluster.zone.endsWith("-1")`}}}
	}
}

func drawRegion(rt *rapid.T) []event.Requirement {
	return []event.Requirement{{Key: labelRegion, Operator: event.OperatorIn, Values: []string{rapid.SampledFrom([]string{"eu", "us"}).Draw(rt, "in")}}}
}

// mustHold are the laws that hold at every moment.
func mustHold(rt *rapid.T, f *fleet) {
	f.mustRunOnce(rt)
	for _, id := range f.order {
		if sc := f.clusters[id]; sc.overdrawn != "" {
			f.tb.Fatalf("%s is overdrawn: %s", id, sc.overdrawn)
		}
	}
	for _, w := range f.s.Workloads() {
		sum, decided := 0, w.Verdict != event.VerdictHeld && w.Verdict != event.VerdictRefused && w.Verdict != event.VerdictEvicted
		for _, a := range w.Assignments {
			sum += a.Replicas - a.Leaving
			if m := w.Spec.Policy.MaxPerCluster; decided && m > 0 && a.Replicas-a.Leaving > m {
				f.tb.Fatalf("%s/%s has %d on %s, most is %d", w.Spec.Tenant, w.Spec.Name, a.Replicas, a.Cluster, m)
			}
			if stays, least := a.Replicas-a.Leaving, w.Spec.Policy.MinPerCluster; decided && !a.Waiting && stays > 0 && stays < least { // what waits for its step is as it was
				f.tb.Fatalf("%s/%s has %d on %s, least is %d", w.Spec.Tenant, w.Spec.Name, stays, a.Cluster, least)
			}
			if got := usesSum(a.Shapes); got != a.Replicas {
				f.tb.Fatalf("%s/%s: shapes of %s add up to %d, not %d", w.Spec.Tenant, w.Spec.Name, a.Cluster, got, a.Replicas)
			}
		}
		if decided && !copies(&w.Spec.Policy) && !w.Withdrawn && sum+w.Unfilled != w.Spec.Replicas {
			f.tb.Fatalf("%s/%s %s: %d replicas decided, %d unfilled, %d wanted\n%+v", w.Spec.Tenant, w.Spec.Name, w.Verdict, sum, w.Unfilled, w.Spec.Replicas, w)
		}
		mustKeepTies(rt, f, &w)
		if decided && !w.Withdrawn && sum > 0 && !f.rolling(&w) {
			mustKeepSpread(rt, f, &w)
		}
	}
}

// rolling says whether clusters wait for an earlier step of an update: until their
// turn comes, they may lack what the bounds need.
func (f *fleet) rolling(w *WorkloadView) bool {
	return f.s.workloads[event.WorkloadID{Tenant: w.Spec.Tenant, Name: w.Spec.Name}].rolling
}

// mustKeepSpread: what stays is in as many groups as the policy says.
func mustKeepSpread(rt *rapid.T, f *fleet, w *WorkloadView) {
	p := &w.Spec.Policy
	var in []*candidate
	for _, a := range w.Assignments {
		if a.Replicas > a.Leaving {
			in = append(in, candidateOn(f, p, a.Cluster))
		}
	}
	if !keepsBounds(p, in, 1) {
		f.tb.Fatalf("%s/%s breaks its bounds: %+v\n%+v", w.Spec.Tenant, w.Spec.Name, w.Assignments, p)
	}
}

// candidateOn is a cluster as the oracle sees it, without its room.
func candidateOn(f *fleet, p *event.Policy, id event.ClusterID) *candidate {
	rep := &f.clusters[id].rep
	out := &candidate{c: &cluster{id: id}, weight: 1}
	for _, s := range p.Spread {
		out.groups = append(out.groups, map[string]string{"region": rep.Region, "zone": rep.Zone, "cluster": string(id)}[s.By])
	}
	if p.Strategy == event.StrategyWeighted && len(p.Weights) > 0 {
		out.weight = 0
		for _, weight := range p.Weights {
			if weight.Clusters[0].Values[0] == rep.Region {
				out.weight = max(out.weight, int64(weight.Weight))
			}
		}
	}
	return out
}

// allows says whether the policy leaves the cluster open.
func allows(p *event.Policy, rep *event.ClusterCapacityReported) bool {
	in := func(r []event.Requirement) bool { return r[0].Values[0] == rep.Region }
	return (len(p.Regions) == 0 || slices.Contains(p.Regions, rep.Region)) &&
		(len(p.Tiers) == 0 || slices.ContainsFunc(p.Tiers, func(t event.Tier) bool { return in(t.Clusters) })) &&
		(len(p.Match) == 0 || in(p.Match[0].Clusters) || rep.Zone[len(rep.Zone)-1] == '1')
}

func usesSum(uses []event.ShapeUse) int {
	n := 0
	for _, u := range uses {
		n += u.Replicas
	}
	return n
}

// quiet lets everything come to rest; then the clusters run what was decided, and
// what is held truly does not fit.
func quiet(rt *rapid.T, f *fleet) {
	for _, id := range f.order {
		f.hear(id)
		clear(f.clusters[id].refuse)
		f.comeBack(id)
		clear(f.clusters[id].limits)
		for i := range f.clusters[id].nodes {
			f.clusters[id].intrude(i, false)
		}
	}
	for range 400 {
		f.run()
		f.tick(1)
		if len(f.decide()) == 0 && f.atRest() {
			break
		}
	}
	f.run()
	for _, w := range f.s.Workloads() {
		for _, id := range f.order {
			sc := f.clusters[id]
			o := sc.objects[event.WorkloadID{Tenant: w.Spec.Tenant, Name: w.Spec.Name}]
			want := 0
			for _, a := range w.Assignments {
				if a.Cluster == id {
					want = a.Replicas
				}
			}
			if got := replicasOf(o); got != want {
				f.tb.Fatalf("%s/%s on %s: runs %d, decided %d", w.Spec.Tenant, w.Spec.Name, id, got, want)
			}
		}
		mustNotFit(rt, f, w)
		if refused := w.Spec.Contradiction() != nil; !w.Withdrawn && refused != (w.Verdict == event.VerdictRefused) {
			f.tb.Fatalf("%s/%s is %s: %v", w.Spec.Tenant, w.Spec.Name, w.Verdict, w.Spec.Contradiction())
		}
	}
	for _, id := range f.order {
		for w := range f.clusters[id].objects {
			if _, ok := f.s.Workload(w); !ok {
				f.tb.Fatalf("%s runs %s, which nobody wants", id, w)
			}
		}
	}
}

func (f *fleet) atRest() bool {
	for _, w := range f.s.Workloads() {
		if w.NotBefore > f.s.Observed() {
			return false
		}
	}
	return true
}

func replicasOf(o *event.CommandPlace) int {
	if o == nil {
		return 0
	}
	return o.Replicas
}

// mustNotFit is an oracle of its own for workloads that lack something: it adds up
// what the clusters' real nodes would take beside what runs, over every set of
// clusters that keeps the bounds.
func mustNotFit(rt *rapid.T, f *fleet, w WorkloadView) {
	if f.rolling(&w) || f.circular(&w) || w.Verdict != event.VerdictHeld && w.Unfilled == 0 || w.Verdict == event.VerdictHeld && len(w.Assignments) > 0 {
		return
	}
	p := &w.Spec.Policy
	var cands []*candidate
	for _, v := range f.s.Clusters() {
		if v.State != ClusterReady || f.maintained(v.Cluster) || len(v.Taints) > 0 || !allows(p, &f.clusters[v.Cluster].rep) || !f.tiesAllow(&w, v.Cluster) {
			continue
		}
		c := candidateOn(f, p, v.Cluster)
		c.limit = bruteFit(f.clusters[v.Cluster].free(), w.Spec.Template.Resources, w.Spec.Replicas)
		for _, a := range w.Assignments {
			if a.Cluster == v.Cluster {
				c.limit += a.Replicas
			}
		}
		if m := p.MaxPerCluster; m > 0 {
			c.limit = min(c.limit, m)
		}
		cands = append(cands, c)
	}
	most, least := mostOf(p, w.Spec.Replicas, cands), w.Spec.Replicas
	if p.MinReplicas > 0 {
		least = p.MinReplicas
	}
	if w.Verdict == event.VerdictHeld && most >= least || w.Unfilled > 0 && most > w.Spec.Replicas-w.Unfilled {
		f.tb.Fatalf("%s/%s %s, %d unfilled, but %d of %d replicas fit: %s\n%+v", w.Spec.Tenant, w.Spec.Name, w.Verdict, w.Unfilled, most, w.Spec.Replicas, candWords(cands), p)
	}
}

// bruteFit places replica by replica on node by node.
func bruteFit(shapes []event.NodeShape, q event.Resources, most int) int {
	n := 0
	for _, sh := range shapes {
		for _, g := range sh.Free {
			for range g.Nodes {
				for node := g; n < most && room.Fits(node, q) > 0; n++ {
					node = room.Take(node, q)
				}
			}
		}
	}
	return n
}

// mustCommute folds the log again with the facts between two records in another
// order of streams: the state must be the same.
func mustCommute(rt *rapid.T, f *fleet) {
	order := rapid.Permutation([]event.Stream{event.Intents, event.Status, event.Capacity}).Draw(rt, "order")
	if folded := f.refold(order...); folded.Digest() != f.s.Digest() {
		f.tb.Fatalf("facts do not commute:\n%s\n%s", f.s.Snapshot(), folded.Snapshot())
	}
}

// refold folds the log with the facts between two records in an order of streams.
func (f *fleet) refold(order ...event.Stream) *State {
	folded := New(f.cfg)
	var waiting []event.Event
	flush := func() {
		for _, stream := range order {
			for _, e := range waiting {
				if e.At.Stream == stream {
					folded.Apply(e)
				}
			}
		}
		waiting = nil
	}
	for _, e := range f.log {
		if e.At.Stream != event.Placements {
			waiting = append(waiting, e)
			continue
		}
		flush()
		folded.Apply(e)
	}
	flush()
	return folded
}
