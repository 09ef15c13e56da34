package scheduler

import (
	"cmp"
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// Preemption. A workload that may displace others, and that fits nowhere, asks some of
// lower priority to give way on one cluster: the cluster and the set that cost least.
// Nobody loses the last replica without its consent. The owner is placed only when a
// report shows the room; until then it is kept (claim.go).
//
// Of its own priority it displaces those alone that consent and whose tenant has, even
// after that, no smaller share of the fleet than the owner's tenant would have.
//
// It asks when its wish is first looked at, and after that when it is chosen
// (choose.go): each time a record says what came of it.

// maxGivers bounds how many give way to one workload: a record names them all.
const maxGivers = 1024

// sacrifice is what one workload gives.
type sacrifice struct {
	w    *workload
	give int // replicas, on all clusters
	here int // of those, on the chosen cluster
}

// plan is one way to make room on a cluster.
type plan struct {
	c       *cluster
	victims []sacrifice
}

// preempt finds who gives way, nil if nobody can.
func (s *State) preempt(w *workload, cands []*candidate, attempt int) *event.PlacementDecided {
	if !w.preempts || w.claimed() != nil {
		return nil
	}
	var best *plan
	room := s.gap(w, cands)
	for _, c := range s.clusters.sorted {
		need := room.at(c)
		if need <= 0 || c.claimant != nil || !s.passes(w.query, c, false) {
			continue
		}
		if p := s.planOn(w, c, need); p != nil && (best == nil || p.compare(best) < 0) && s.dividesWith(w, cands, c, need) {
			best = p
		}
	}
	if best == nil {
		return nil
	}
	d := s.decision(w, event.VerdictHeld)
	d.Attempt, d.Assignments, d.Cause, d.Preempting = attempt, s.standing(w), event.CausePreemption, best.c.id
	for _, v := range best.victims {
		d.Victims = append(d.Victims, event.Victim{Tenant: v.w.id.Tenant, Workload: v.w.id.Name, Replicas: v.give})
	}
	d.Reason = fmt.Sprintf("%d replicas of %d workloads give way on %s", best.replicas(), len(best.victims), best.c.id)
	d.Refusals, _ = s.refusals(w, outcome{})
	return d
}

// gap is what a workload lacks: its replicas less what the clusters would take.
type gap struct {
	limits  []int // by number of the cluster
	missing int   // in all; for copies on every cluster, on each
	most    int   // on one cluster
	copies  bool
}

func (s *State) gap(w *workload, cands []*candidate) gap {
	p := &w.spec.Policy
	g := gap{limits: make([]int, len(s.clusters.sorted)), missing: w.spec.Replicas, most: cmp.Or(p.MaxPerCluster, maxFit), copies: copies(p)}
	for _, cand := range cands {
		g.limits[cand.c.number] = cand.limit
		if !g.copies {
			g.missing -= min(g.missing, cand.limit)
		}
	}
	return g
}

// at is how many more replicas the cluster must take for all to have a place; 0 where
// that is not the way.
func (g *gap) at(c *cluster) int {
	have, need := g.limits[c.number], g.missing
	if g.copies {
		need = max(0, need-have)
	}
	if have+need > g.most {
		return 0
	}
	return need
}

// dividesWith says whether the division would succeed with room for more on a cluster.
func (s *State) dividesWith(w *workload, cands []*candidate, c *cluster, more int) bool {
	trial := make([]*candidate, 0, len(cands)+1)
	found := false
	for _, cand := range cands {
		one := *cand
		if one.c == c {
			one.limit, found = one.limit+more, true
		}
		one.seats = 0
		trial = append(trial, &one)
	}
	if !found {
		trial = append(trial, &candidate{c: c, limit: more, weight: weightOf(w.query, c), tier: tierOf(w.query, c), groups: placesOf(w.query, c)})
	}
	out := divide(&w.spec.Policy, w.spec.Replicas, trial)
	return out.ok && out.placed == w.spec.Replicas
}

func (p *plan) replicas() int {
	n := 0
	for _, v := range p.victims {
		n += v.give
	}
	return n
}

// compare orders plans: fewest replicas, lowest priority, youngest victims, name.
func (p *plan) compare(o *plan) int {
	return cmp.Or(
		cmp.Compare(p.replicas(), o.replicas()),
		cmp.Compare(p.highest(), o.highest()),
		cmp.Compare(o.oldest(), p.oldest()),
		cmp.Compare(p.c.id, o.c.id))
}

func (p *plan) highest() int {
	return int(slices.MaxFunc(p.victims, func(a, b sacrifice) int { return cmp.Compare(a.w.priority, b.w.priority) }).w.priority)
}

func (p *plan) oldest() uint64 {
	return slices.MinFunc(p.victims, func(a, b sacrifice) int { return cmp.Compare(a.w.generation, b.w.generation) }).w.generation
}

// planOn is the cheapest way found to make room for n replicas on a cluster, nil if
// there is none. Two orders are tried: lowest and youngest first, and largest first;
// then nobody stays in the set who is not needed.
func (s *State) planOn(w *workload, c *cluster, n int) *plan {
	all := s.victims(w, c)
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b sacrifice) int { return rank(b.w, a.w) })
	var best *plan
	for range 2 {
		if p := s.gather(w, c, n, all); p != nil && (best == nil || p.compare(best) < 0) {
			best = p
		}
		slices.SortStableFunc(all, func(a, b sacrifice) int { return larger(a.w, b.w) })
	}
	return best
}

// larger orders by what a replica frees: GPUs, CPU, memory.
func larger(a, b *workload) int {
	x, y := &a.spec.Template.Resources, &b.spec.Template.Resources
	return cmp.Or(cmp.Compare(y.GPUMilli, x.GPUMilli), cmp.Compare(y.CPUMilli, x.CPUMilli), cmp.Compare(y.MemoryBytes, x.MemoryBytes))
}

// gather takes victims in order until there is room, and lets go again who is not
// needed for it.
func (s *State) gather(w *workload, c *cluster, n int, all []sacrifice) *plan {
	p := &plan{c: c}
	if p.frees(w, n) {
		return nil // room is not what it lacks there
	}
	for _, v := range all {
		if len(p.victims) == maxGivers {
			return nil
		}
		if v = s.fairest(w, p, v); v.give > 0 {
			p.victims = append(p.victims, v)
		}
		if p.frees(w, n) {
			p.spare(w, n)
			return p
		}
	}
	return nil
}

// spare lets victims off, those of the highest rank first, whole or in part.
func (p *plan) spare(w *workload, n int) {
	order := slices.Clone(p.victims)
	slices.SortFunc(order, func(a, b sacrifice) int { return rank(a.w, b.w) })
	for _, v := range order {
		at := slices.IndexFunc(p.victims, func(o sacrifice) bool { return o.w == v.w })
		without := &plan{c: p.c, victims: slices.Delete(slices.Clone(p.victims), at, at+1)}
		if len(without.victims) > 0 && without.frees(w, n) {
			p.victims = without.victims
			continue
		}
		p.victims[at] = p.least(w, n, at)
	}
}

// least is the smallest part of a sacrifice that still makes room.
func (p *plan) least(w *workload, n, at int) sacrifice {
	full := p.victims[at]
	low, high := 1, min(full.here-1, full.w.spare(p.c))
	best := full
	for low <= high {
		mid := (low + high) / 2
		part := sacrifice{w: full.w, give: mid, here: mid}
		p.victims[at] = part
		if p.frees(w, n) {
			best, high = part, mid-1
		} else {
			low = mid + 1
		}
	}
	p.victims[at] = full
	return best
}

// frees says whether the cluster would have room for n replicas of w.
func (p *plan) frees(w *workload, n int) bool {
	st := newStock(p.c.freeRoom())
	for _, v := range p.victims {
		t := v.w.on(p.c).standing()
		keep := trim(t.footprint.shapes(), t.held()-v.here)
		for _, u := range t.footprint.shapes() {
			st.credit(u.Shape, t.class.request, u.Replicas-shapeReplicas(keep, u.Shape))
		}
	}
	return st.fit(w.query.class) >= n
}
