package scheduler

import (
	"slices"
)

// victims lists who may be asked to give way to a workload on a cluster, each with the
// most it can give.
func (s *State) victims(w *workload, c *cluster) []sacrifice {
	var out []sacrifice
	for _, v := range c.seated() {
		if v.id == w.id || v.priority > w.priority || v.priority == w.priority && !v.spec.Policy.YieldsLast {
			continue
		}
		if most, ok := v.most(c); ok {
			out = append(out, most)
		}
	}
	return out
}

// most is the most that a workload can give on a cluster: everything if it consents
// or goes on elsewhere, else all but the fewest it is worth running with.
func (w *workload) most(c *cluster) (sacrifice, bool) {
	st := w.on(c)
	t := st.standing()
	if t == nil || t.held() == 0 || w.withdrawn || w.decidedGen != w.generation || t.Generation != w.generation || w.leavingOn(c.id) > 0 {
		return sacrifice{}, false
	}
	if whole, ok := (sacrifice{w: w}).part(c, t.held()); ok {
		return whole, true
	}
	return (sacrifice{w: w}).part(c, w.spare(c))
}

// spare is how many replicas a workload can give on a cluster and still be worth
// running, there and in all.
func (w *workload) spare(c *cluster) int {
	p := &w.spec.Policy
	if copies(p) {
		return 0
	}
	return max(0, min(w.on(c).held()-max(1, p.MinPerCluster), w.stays()-w.floor()))
}

// part is what giving so many replicas on the cluster means; false if it may not be.
func (v sacrifice) part(c *cluster, here int) (sacrifice, bool) {
	w := v.w
	all, held := w.stays(), w.on(c).held()
	switch {
	case here <= 0:
		return v, false
	case here < held:
		return sacrifice{w: w, give: here, here: here}, here <= w.spare(c)
	case all-held >= w.floor():
		return sacrifice{w: w, give: held, here: held}, true
	}
	// Nothing, or too little, would be left: it gives all it has, everywhere.
	return sacrifice{w: w, give: all, here: held}, w.spec.Policy.YieldsLast
}

// fair says whether those of the same priority may be taken: after it their tenants
// have no smaller share than the owner's.
func (s *State) fair(w *workload, victims []sacrifice) bool {
	for _, v := range victims {
		if v.w.priority == w.priority && !s.fairTo(w, v.w, victims) {
			return false
		}
	}
	return true
}

// fairest is the most that a victim can give to a workload in fairness, beside what
// others give already.
func (s *State) fairest(w *workload, p *plan, v sacrifice) sacrifice {
	if s.fair(w, append(slices.Clone(p.victims), v)) {
		return v
	}
	best, low, high := sacrifice{w: v.w}, 1, min(v.here, v.w.spare(p.c))
	for low <= high {
		mid := (low + high) / 2
		part := sacrifice{w: v.w, give: mid, here: mid}
		if s.fair(w, append(slices.Clone(p.victims), part)) {
			best, low = part, mid+1
		} else {
			high = mid - 1
		}
	}
	return best
}

func (s *State) fairTo(w, victim *workload, victims []sacrifice) bool {
	mine, theirs := siblings(s.accountOf(w), victim.account)
	if mine == theirs || s.capacity.CPUMilli == 0 && s.capacity.MemoryBytes == 0 {
		return false
	}
	more := &account{used: mine.used.copied(), quota: mine.quota}
	more.used.combine((&charge{Request: w.spec.Template.Resources, Replicas: w.spec.Replicas}).usage(), wide.plus)
	less := &account{used: theirs.used.copied(), quota: theirs.quota}
	for _, v := range victims {
		if _, a := siblings(s.accountOf(w), v.w.account); a == theirs {
			less.used.combine((&charge{Request: v.w.charge.Request, Replicas: v.give}).usage(), wide.minus)
		}
	}
	more.weigh(s.capacity)
	less.weigh(s.capacity)
	return less.share*more.weight() >= more.share*less.weight()
}

// siblings are the accounts of two tenants, or the groups above them, that stand
// under the same group; the same one twice if they are not apart.
func siblings(a, b *account) (x, y *account) {
	for x = a; x.parent != nil; x = x.parent {
		for y = b; y.parent != nil; y = y.parent {
			if x.parent == y.parent {
				return x, y
			}
		}
	}
	return a, a
}
