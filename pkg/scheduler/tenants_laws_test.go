package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// TestTenantLaws drives fleets that are too small through random histories of tenants
// with quotas, priority classes, jobs and preemption. Every decision is held against
// the laws of lawful before it is applied; the harness checks that snapshots restore
// and that decisions come out of the log again.
func TestTenantLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFleet(rt)
		f.replays = rapid.IntRange(0, 4).Draw(rt, "replays") == 0
		f.standby.patience = rapid.SampledFrom([]int{0, 1, 4, 20}).Draw(rt, "standby")
		f.law = (&tenantLaws{f: f}).lawful
		drawClusters(rt, f)
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			tenantStep(rt, f)
			f.decide()
			f.mustBookRight()
		}
		f.comeToRest()
		f.mustHoldForAReason()
		mustCommute(rt, f)
	})
}

var drawnTenants = []event.Tenant{"a", "b", "c", "g", "h"}

func tenantStep(rt *rapid.T, f *fleet) {
	c := rapid.SampledFrom(f.order).Draw(rt, "cluster")
	id := event.WorkloadID{Tenant: rapid.SampledFrom(drawnTenants[:3]).Draw(rt, "tenant"), Name: event.WorkloadName(rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "workload"))}
	switch rapid.SampledFrom([]string{"submit", "submit", "submit", "withdraw", "settle", "settle", "report", "report", "status", "succeed", "quota", "quota", "policy", "price", "tick", "tick", "restart", "refuse", "drain", "uncordon"}).Draw(rt, "act") {
	case "submit":
		f.fact(event.Intents, drawTenantSpec(rt, id))
	case "withdraw":
		f.fact(event.Intents, &event.WorkloadWithdrawn{Tenant: id.Tenant, Name: id.Name})
	case "settle":
		f.settle(c, uint64(rapid.IntRange(0, 10).Draw(rt, "through")))
	case "report":
		f.report(c)
	case "status":
		f.status(c, id, -1)
	case "succeed":
		if f.clusters[c].objects[id] != nil {
			f.succeed(c, id, rapid.IntRange(-1, 1).Draw(rt, "succeeded"), 0)
		}
	case "quota":
		f.fact(event.Intents, drawQuota(rt))
	case "policy":
		f.fact(event.Intents, fleetPolicy(map[string]string{
			"aging":   fmt.Sprint(rapid.SampledFrom([]int{0, 1, 5}).Draw(rt, "aging")),
			"classes": fmt.Sprintf("hi:%d:preempts,lo:%d", rapid.IntRange(1, 3).Draw(rt, "hi"), rapid.IntRange(-1, 2).Draw(rt, "lo")),
		}))
	case "price":
		f.fact(event.Intents, &event.PriceSet{Cluster: c, Prices: []event.Price{{
			CPU: int64(rapid.IntRange(0, 3).Draw(rt, "price of cpu")) * 1000, Memory: int64(rapid.IntRange(0, 2).Draw(rt, "price of memory")) * 1000,
		}}, Removed: rapid.IntRange(0, 5).Draw(rt, "unpriced") == 0})
	case "tick":
		f.tick(rapid.SampledFrom([]int{1, 2, 12, 20}).Draw(rt, "ticks"))
	case "restart":
		f.hello(c)
	case "refuse":
		f.clusters[c].refuse[id] = rapid.Bool().Draw(rt, "refuse")
	case "drain":
		f.fact(event.Intents, &event.ClusterDrained{Cluster: c})
	case "uncordon":
		f.fact(event.Intents, &event.ClusterUncordoned{Cluster: c})
	}
}

func drawTenantSpec(rt *rapid.T, id event.WorkloadID) *event.WorkloadSubmitted {
	w := drawSpec(rt, id)
	if rapid.Bool().Draw(rt, "plain") {
		p := w.Policy
		w.Policy = event.Policy{Strategy: p.Strategy, MaxPerCluster: p.MaxPerCluster, Priority: p.Priority, Regions: p.Regions}
		if p.Strategy == event.StrategyWeighted {
			w.Policy.Strategy = event.StrategyAvailable
		}
		w.Labels = map[string]string{"plain": "yes"}
	}
	w.Kind = rapid.SampledFrom([]event.Kind{event.KindService, event.KindJob}).Draw(rt, "kind")
	w.Policy.PriorityClass = rapid.SampledFrom([]string{"", "", "hi", "lo", "none"}).Draw(rt, "class")
	w.Policy.Preempts = rapid.Bool().Draw(rt, "preempts")
	w.Policy.YieldsLast = rapid.Bool().Draw(rt, "yields")
	w.Policy.MinReplicas = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(rt, "least")
	if w.Policy.MinReplicas > w.Replicas || w.Policy.Strategy == event.StrategyDuplicate {
		w.Policy.MinReplicas = 0
	}
	return w
}

func drawQuota(rt *rapid.T) *event.QuotaSet {
	q := &event.QuotaSet{
		Tenant:    rapid.SampledFrom(drawnTenants).Draw(rt, "of"),
		Parent:    rapid.SampledFrom([]event.Tenant{"", "g", "h", "a", "nobody"}).Draw(rt, "parent"),
		Weight:    rapid.IntRange(0, 3).Draw(rt, "weight"),
		Workloads: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(rt, "count"),
		MaxPrice:  int64(rapid.SampledFrom([]int{0, 0, 2, 8}).Draw(rt, "price")) * 1000,
		Removed:   rapid.IntRange(0, 3).Draw(rt, "removed") == 0,
		Limit:     &event.Resources{CPUMilli: int64(rapid.SampledFrom([]int{0, 500, 2000, 6000}).Draw(rt, "limit")), MemoryBytes: int64(rapid.IntRange(0, 8).Draw(rt, "memory")) << 30},
	}
	if q.Parent == q.Tenant {
		q.Parent = ""
	}
	return q
}

// tenantLaws are checked on every record, before it is applied.
type tenantLaws struct {
	f      *fleet
	prices map[event.WorkloadID]int64 // of what each was given, when it was
}

func (l *tenantLaws) lawful(p event.Payload) {
	d, ok := p.(*event.PlacementDecided)
	if !ok {
		return
	}
	l.f.tb.Helper()
	w := l.f.s.workloads[event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}]
	l.quotas(w, d)
	l.price(w, d)
	l.kept(w, d)
	switch {
	case d.Preempting != "":
		l.claims(w, d)
	case d.Verdict == event.VerdictPreempted:
		l.yields(w, d)
	case d.Verdict == event.VerdictCompleted && (w.spec.Kind != event.KindJob || given(d) > 0):
		l.f.tb.Fatalf("completed, but no job or not gone: %+v", d)
	}
}

// quotas: no decision gives a tenant or group more than its limit, unless it gives no
// more than there was. The sums are made anew, from the decisions that stand.
func (l *tenantLaws) quotas(w *workload, d *event.PlacementDecided) {
	before, after := given(&event.PlacementDecided{Assignments: w.assignments()}), given(d)
	if !slices.ContainsFunc(d.Assignments, func(a event.Assignment) bool { return a.Command > 0 }) {
		return // all stays as it is
	}
	for _, q := range l.f.s.Quotas() {
		if q.Limit == nil && q.Workloads == 0 || !l.below(w.id.Tenant, q.Tenant) {
			continue
		}
		cpu, memory, count := int64(after)*w.spec.Template.Resources.CPUMilli, int64(after)*w.spec.Template.Resources.MemoryBytes, 1
		for _, id := range l.f.s.workloadIDs() {
			o := l.f.s.workloads[id]
			if o == w || o.charge == nil || !l.below(id.Tenant, q.Tenant) {
				continue
			}
			n := int64(given(&event.PlacementDecided{Assignments: o.assignments()}))
			cpu, memory, count = cpu+n*o.charge.Request.CPUMilli, memory+n*o.charge.Request.MemoryBytes, count+1
		}
		own := event.Resources{}
		if w.charge != nil {
			own = w.charge.Request
		}
		if q.Limit != nil && cpu > q.Limit.CPUMilli && q.Limit.CPUMilli > 0 && int64(after)*w.spec.Template.Resources.CPUMilli > int64(before)*own.CPUMilli {
			l.f.tb.Fatalf("cpu quota of %s exceeded: %d of %d by %+v", q.Tenant, cpu, q.Limit.CPUMilli, d)
		}
		if q.Limit != nil && memory > q.Limit.MemoryBytes && q.Limit.MemoryBytes > 0 && int64(after)*w.spec.Template.Resources.MemoryBytes > int64(before)*own.MemoryBytes {
			l.f.tb.Fatalf("memory quota of %s exceeded: %d of %d by %+v", q.Tenant, memory, q.Limit.MemoryBytes, d)
		}
		if q.Workloads > 0 && count > q.Workloads && before == 0 {
			l.f.tb.Fatalf("%d workloads under %s, %d allowed, by %+v", count, q.Tenant, q.Workloads, d)
		}
	}
}

// price: no decision makes a tenant or group pay more than its limit, unless the
// workload pays no more than before. What leaves is paid for by its replacement.
func (l *tenantLaws) price(w *workload, d *event.PlacementDecided) {
	if l.prices == nil {
		l.prices = map[event.WorkloadID]int64{}
	}
	before, now := l.prices[w.id], l.priceOf(w, d)
	l.prices[w.id] = now
	if now <= before || !slices.ContainsFunc(d.Assignments, func(a event.Assignment) bool { return a.Command > 0 }) {
		return
	}
	for _, q := range l.f.s.Quotas() {
		if q.MaxPrice == 0 || !l.below(w.id.Tenant, q.Tenant) {
			continue
		}
		sum := int64(0)
		for _, id := range l.f.s.workloadIDs() {
			if l.below(id.Tenant, q.Tenant) {
				sum += l.prices[id]
			}
		}
		if sum > q.MaxPrice {
			l.f.tb.Fatalf("price quota of %s exceeded: %d of %d, %d before, by %+v", q.Tenant, sum, q.MaxPrice, before, d)
		}
	}
}

// priceOf adds up what the replicas that stay cost by the rates of now, in micro-units.
func (l *tenantLaws) priceOf(w *workload, d *event.PlacementDecided) int64 {
	sum := int64(0)
	for _, a := range d.Assignments {
		ask := w.spec.Template.Resources
		if t := w.on(l.f.s.clusters.byName[a.Cluster]).standing(); a.Command == 0 && t != nil {
			ask = t.class.request
		}
		if set := l.f.s.prices[a.Cluster]; set != nil {
			sum += int64(a.Replicas-a.Leaving) * (ask.CPUMilli*set.Prices[0].CPU/1000 + ask.MemoryBytes>>30*set.Prices[0].Memory)
		}
	}
	return sum
}

// below follows the parents as operators set them; a link on a loop does not count.
func (l *tenantLaws) below(id, group event.Tenant) bool {
	for range len(l.f.s.quotas) + 1 {
		if id == group {
			return true
		}
		q := l.f.s.quotas[id]
		if q == nil || q.Parent == "" || l.onLoop(id) {
			return false
		}
		id = q.Parent
	}
	return false
}

func (l *tenantLaws) onLoop(id event.Tenant) bool {
	at := id
	for range len(l.f.s.quotas) + 1 {
		q := l.f.s.quotas[at]
		if q == nil || q.Parent == "" {
			return false
		}
		if at = q.Parent; at == id {
			return true
		}
	}
	return false
}

// given counts the replicas a decision gives, without those on their way out.
func given(d *event.PlacementDecided) int {
	n := 0
	for _, a := range d.Assignments {
		n += a.Replicas - a.Leaving
	}
	return n
}

// kept: on a cluster whose room is kept for another nobody grows who does not outrank
// it, by priority and by level.
func (l *tenantLaws) kept(w *workload, d *event.PlacementDecided) {
	for _, a := range d.Assignments {
		c := l.f.s.clusters.byName[a.Cluster]
		if o := c.claimant; o != nil && o != w && a.Replicas > w.on(c).held() && (w.priority <= o.priority || l.f.s.level(w) <= l.f.s.level(o)) {
			l.f.tb.Fatalf("room of %s is kept for %s: %+v", c.id, o.id, d)
		}
	}
}

// claims: one cluster for one workload; victims of lower priority, or of the same with
// consent and of another tenant; none that is not needed.
func (l *tenantLaws) claims(w *workload, d *event.PlacementDecided) {
	c := l.f.s.clusters.byName[d.Preempting]
	if d.Verdict != event.VerdictHeld || w.claimed() != nil && w.claimed().Cluster != c.id || c.claimant != nil && c.claimant != w {
		l.f.tb.Fatalf("a second claim: %+v", d)
	}
	if len(d.Victims) > 0 && !w.preempts {
		l.f.tb.Fatalf("%s may not displace anybody: %+v", w.id, d)
	}
	if len(d.Victims) == 0 && !l.f.s.aged(w) {
		l.f.tb.Fatalf("%s has not waited for long: %+v", w.id, d)
	}
	for _, v := range d.Victims {
		o := l.f.s.workloads[event.WorkloadID{Tenant: v.Tenant, Name: v.Workload}]
		if o.priority > w.priority || o.priority == w.priority && (o.id.Tenant == w.id.Tenant || !o.spec.Policy.YieldsLast) {
			l.f.tb.Fatalf("%s is no victim of %s: %+v", o.id, w.id, d)
		}
		if v.Replicas > o.stays() || v.Replicas == o.stays() && !o.spec.Policy.YieldsLast {
			l.f.tb.Fatalf("%s gives %d of %d: %+v", o.id, v.Replicas, o.stays(), d)
		}
	}
}

// yields: somebody gives way to one whose claim says so, and keeps the last replica or
// has consented; a gang is never left in part.
func (l *tenantLaws) yields(w *workload, d *event.PlacementDecided) {
	owner := slices.ContainsFunc(l.f.s.claims, func(o *workload) bool { return o.id.String() == d.For })
	left := given(d)
	if !owner || left == 0 && !w.spec.Policy.YieldsLast || left >= w.stays() {
		l.f.tb.Fatalf("%s gives way: %+v", w.id, d)
	}
	if w.spec.Kind == event.KindJob && w.spec.Policy.MinReplicas == 0 && left > 0 && w.spec.Policy.Strategy != event.StrategyDuplicate {
		l.f.tb.Fatalf("a gang is left in part: %+v", d)
	}
}

// mustBookRight compares the books with sums made anew, and the next workload with the
// first of all by a plain comparison.
func (f *fleet) mustBookRight() {
	f.tb.Helper()
	fresh := newBooks()
	for _, id := range f.s.workloadIDs() {
		w := f.s.workloads[id]
		if n := given(&event.PlacementDecided{Assignments: w.assignments()}); w.charge == nil && n > 0 || w.charge != nil && w.charge.Replicas != n {
			f.tb.Fatalf("%s is booked with %+v, %d given", id, w.charge, n)
		}
		if w.charge != nil && w.decidedGen == w.generation && !w.standsStill() && w.verdict != event.VerdictRefused && !sameRequest(w.charge.Request, w.spec.Template.Resources) {
			f.tb.Fatalf("%s is booked with %+v, each replica asks for %+v", id, w.charge, w.spec.Template.Resources)
		}
		fresh.book(fresh.get(id.Tenant), w.charge, wide.plus)
	}
	if got, want := f.s.books.root.used, fresh.root.used; got.cpu != want.cpu || got.memory != want.memory || got.gpu != want.gpu || got.workloads != want.workloads {
		f.tb.Fatalf("the root has %+v, the sums are %+v", got, want)
	}
}

func sameRequest(a, b event.Resources) bool { return covers(a, b) && covers(b, a) }

// comeToRest lets clusters run and rejections be forgotten.
func (f *fleet) comeToRest() {
	for _, id := range f.order {
		clear(f.clusters[id].refuse)
	}
	for range 400 {
		f.run()
		f.tick(1)
		if len(f.decide()) == 0 && f.atRest() && len(f.s.claims) == 0 {
			return
		}
	}
}

// mustHoldForAReason: what runs nowhere, and has a plain policy, does not fit on what is free and not kept, or
// is over a quota.
func (f *fleet) mustHoldForAReason() {
	f.tb.Helper()
	for _, id := range f.s.workloadIDs() {
		w := f.s.workloads[id]
		if w.spec.Labels == nil || !w.standsStill() || len(w.portions) > 0 || w.spec.Replicas == 0 || f.s.exceeded(w, w.enough(), 0) != nil {
			continue
		}
		if r := of(w.remarks).refusals; len(r) > 0 && r[0].Check == quotaPriceCheck {
			continue // the best place is too dear; whether a worse one were not is not asked
		}
		total := 0
		for _, v := range f.s.Clusters() {
			c := f.s.clusters.byName[v.Cluster]
			if v.State != ClusterReady || f.s.keeps(w, c) || len(w.spec.Policy.Regions) > 0 && !slices.Contains(w.spec.Policy.Regions, v.Region) {
				continue
			}
			n := bruteFit(f.clusters[v.Cluster].free(), w.spec.Template.Resources, w.spec.Replicas)
			if m := w.spec.Policy.MaxPerCluster; m > 0 {
				n = min(n, m)
			}
			if w.spec.Policy.Strategy == event.StrategyDuplicate {
				n = n / max(1, w.spec.Replicas) * w.spec.Replicas
			}
			total += n
		}
		if total >= cmp.Or(w.spec.Policy.MinReplicas, w.spec.Replicas) {
			f.tb.Fatalf("%s is held (%s), but %d of %d replicas fit", id, of(w.remarks).reason, total, w.spec.Replicas)
		}
	}
}
