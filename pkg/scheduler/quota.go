package scheduler

import (
	"cmp"
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// Quotas are hard: no decision makes a tenant, or a group above it, use more than its
// limit. What runs already is not driven away when a limit falls below it, and a
// workload over the limit may shrink, move and be updated, but not grow.

// The names of the checks in refusals and explanations. What a workload costs depends
// on where it would run.
const (
	quotaCheck      = "quota"
	quotaPriceCheck = "quota price"
)

// bound is one limit of one account as it stands for one workload.
type bound struct {
	at    *account
	name  string // cpu, memory, gpu, workloads, price or an extended resource
	limit int64
	asked int64 // by the workload, in all
	own   int64 // of that it has already
	left  int64 // of the limit, without what others use
}

// holds says whether the limit leaves room for what is asked, or for no less than the
// workload has.
func (b *bound) holds() bool { return b.asked <= max(b.left, b.own) }

// bounds lists the limits that count for n replicas of a workload at a price, from its
// tenant up to the root.
func (s *State) bounds(w *workload, n int, price int64) []bound {
	var out []bound
	own := &usage{}
	if w.charge != nil {
		own = w.charge.usage()
	}
	next := (&charge{Request: w.spec.Template.Resources, Replicas: n, Price: price}).usage()
	for a := s.accountOf(w); a != nil; a = a.parent {
		if a.limited() {
			out = append(out, a.bounds(own, next)...)
		}
	}
	return out
}

// accountOf is the account of a workload's tenant; one that is asked about before
// anybody submitted it may have none yet.
func (s *State) accountOf(w *workload) *account {
	if w.account != nil {
		return w.account
	}
	if a := s.books.accounts[w.id.Tenant]; a != nil {
		return a
	}
	return s.books.root
}

func (a *account) bounds(own, next *usage) []bound {
	var out []bound
	add := func(name string, limit int64, used, own, next wide) {
		if limit > 0 && next != (wide{}) {
			out = append(out, bound{at: a, name: name, limit: limit, asked: next.amount(), own: own.amount(), left: used.minus(own).left(limit)})
		}
	}
	count := func(n int) wide { return product(int64(n), 1) }
	add("workloads", int64(a.quota.Workloads), count(a.used.workloads), count(own.workloads), count(next.workloads))
	add("price", a.quota.MaxPrice, a.used.price, own.price, next.price)
	if l := a.quota.Limit; l != nil {
		add("cpu", l.CPUMilli, a.used.cpu, own.cpu, next.cpu)
		add("memory", l.MemoryBytes, a.used.memory, own.memory, next.memory)
		add("gpu", l.GPUMilli, a.used.gpu, own.gpu, next.gpu)
		for _, name := range sortedKeys(l.Extended) {
			add(name, l.Extended[name], a.used.extended[name], own.extended[name], next.extended[name])
		}
	}
	return out
}

// exceeded is the first limit that n replicas at a price would break, nil if none is.
func (s *State) exceeded(w *workload, n int, price int64) *bound {
	if n == 0 || s.books.limits == 0 {
		return nil
	}
	all := s.bounds(w, n, price)
	at := slices.IndexFunc(all, func(b bound) bool { return !b.holds() })
	if at < 0 {
		return nil
	}
	return &all[at]
}

// allowed is how many of n replicas the quotas leave room for, and the limit that
// stands in the way of more, nil if none does.
func (s *State) allowed(w *workload, n int) (int, *bound) {
	short := s.exceeded(w, n, 0)
	if short == nil {
		return n, nil
	}
	for low := 0; low < n; {
		mid := (low + n + 1) / 2
		if b := s.exceeded(w, mid, 0); b != nil {
			n, short = mid-1, b
		} else {
			low = mid
		}
	}
	return n, short
}

// granted is how many of its replicas the quotas leave room for: all, or as many as
// are worth placing. It is 0, with the limit, where too few are left.
func (s *State) granted(w *workload) (int, *bound) {
	n, p := w.spec.Replicas, &w.spec.Policy
	short := s.exceeded(w, n, 0)
	switch {
	case short == nil:
		return n, nil
	case p.MinReplicas == 0 || p.Strategy == event.StrategyDuplicate:
		return 0, short
	}
	if n, short = s.allowed(w, n); n < p.MinReplicas {
		return 0, short
	}
	return n, short
}

// enough is the fewest replicas that would help a workload which waits for a quota: of
// what is placed in part, one more; of what is held, as many as are worth placing.
func (w *workload) enough() int {
	p := &w.spec.Policy
	if p.MinReplicas == 0 || p.Strategy == event.StrategyDuplicate {
		return w.spec.Replicas
	}
	least := p.MinReplicas
	if w.charge != nil && !w.standsStill() {
		least = max(least, w.charge.Replicas+1)
	}
	return min(least, w.spec.Replicas)
}

// withQuota puts the limit first among the refusals of a placement in part that room
// alone would not have made smaller.
func (o *outcome) withQuota(refusals []event.Refusal) []event.Refusal {
	if o.quota == nil {
		return refusals
	}
	return append([]event.Refusal{o.quota.refusal()}, refusals[:min(len(refusals), maxRefusals-1)]...)
}

// affordable leaves out copies that the quotas have no room for, the worst first: a
// workload that runs whole on every cluster runs on fewer then.
func (s *State) affordable(w *workload, cands []*candidate) []*candidate {
	n := w.spec.Replicas
	if s.books.limits == 0 || w.spec.Policy.Strategy != event.StrategyDuplicate || n == 0 {
		return cands
	}
	whole := slices.DeleteFunc(slices.Clone(cands), func(c *candidate) bool { return c.limit < n })
	most, _ := s.allowed(w, min(maxFit, n*len(whole)))
	slices.SortStableFunc(whole, func(a, b *candidate) int { return cmp.Or(cmp.Compare(min(b.prev, 1), min(a.prev, 1)), better(a, b)) })
	for _, c := range whole[min(len(whole), most/n):] {
		if c.prev == 0 {
			c.limit = 0
		}
	}
	return cands
}

// copiesShort is the limit that one more copy of a workload that runs whole on every cluster
// would break, nil if none. What is charged to one that is held is for an older wish, which
// the copies take the place of.
func (s *State) copiesShort(w *workload) *bound {
	if w.spec.Policy.Strategy != event.StrategyDuplicate || w.charge == nil || w.standsStill() {
		return nil
	}
	return s.exceeded(w, min(maxFit, w.charge.Replicas+w.spec.Replicas), w.charge.Price)
}

// afford lets a decision pass that the quotas leave room for; otherwise the workload
// is held.
func (s *State) afford(w *workload, d *event.PlacementDecided, attempt int) *event.PlacementDecided {
	if d == nil || s.books.limits == 0 {
		return d
	}
	n, price := 0, int64(0)
	for _, a := range d.Assignments {
		n += a.Replicas - a.Leaving
		price = min(most, price+a.Price)
	}
	if short := s.exceeded(w, n, price); short != nil {
		return s.holdBack(w, attempt, short)
	}
	return d
}

// holdBack records that a quota has no room. What runs already goes on as it is. What is
// held already stays so, whatever for: a quota fills without a look at all who wait.
func (s *State) holdBack(w *workload, attempt int, short *bound) *event.PlacementDecided {
	standing := s.standing(w)
	known := w.quotaHeld() || short.name != "price" && s.chosen != w.id
	if known && w.standsHeld(standing) {
		return nil
	}
	d := s.decision(w, event.VerdictHeld)
	d.Attempt = attempt
	d.Assignments = standing
	d.Refusals = []event.Refusal{short.refusal()}
	d.Reason = short.words()
	return d
}

func (b *bound) refusal() event.Refusal {
	return event.Refusal{Check: b.check(), Need: b.asked, Have: max(b.left, b.own), Message: b.words()}
}

func (b *bound) check() string {
	if b.name == "price" {
		return quotaPriceCheck
	}
	return quotaCheck
}

// quotaHeld says whether the last decision held the workload for a quota.
func (w *workload) quotaHeld() bool {
	return w.lacking() && byQuota(of(w.remarks).refusals)
}

func byQuota(all []event.Refusal) bool {
	return len(all) > 0 && (all[0].Check == quotaCheck || all[0].Check == quotaPriceCheck)
}

// priceHeld says whether it was held since all of it would cost too much together: a
// cheaper place helps as well as room in the quota.
func (w *workload) priceHeld() bool {
	if !w.lacking() {
		return false
	}
	refusals := of(w.remarks).refusals
	return len(refusals) > 0 && refusals[0].Check == quotaPriceCheck
}

// quotaShort is the limit that a workload held for a quota still waits for, nil if
// there is room now.
func (s *State) quotaShort(w *workload) *bound {
	price := int64(0)
	if w.priceHeld() {
		price = w.remarks.refusals[0].Need
	}
	return s.exceeded(w, w.enough(), price)
}

func (b *bound) words() string {
	text := fmt.Sprintf("quota of %s: %s %s asked, %s of %s left", b.at.id, b.name, quotaAmount(b.name, b.asked), quotaAmount(b.name, b.left), quotaAmount(b.name, b.limit))
	if b.own > 0 {
		text += ", it has " + quotaAmount(b.name, b.own)
	}
	return text
}

// quotaAmount writes an amount of a limit; prices are in millionths of the currency.
func quotaAmount(name string, v int64) string {
	if name == "price" {
		return fmt.Sprintf("%d.%06d", v/million, v%million)
	}
	return amount(name, v)
}

// tenantChecks tell of the turn of a workload that waits and of every limit above it,
// with the numbers.
func (s *State) tenantChecks(w *workload) []Check {
	var out []Check
	if w.waits() {
		out = append(out, s.tellTurn(w))
	}
	for _, b := range s.bounds(w, w.spec.Replicas, 0) {
		out = append(out, Check{Name: quotaCheck, OK: b.holds(), Need: b.asked, Have: max(b.left, b.own), Message: b.words()})
	}
	return out
}

// blockGroup notes which quota a group waits for, so that it is tried again when that
// has room.
func (s *State) blockGroup(g *lack) {
	var at *account
	if s.books.limits > 0 {
		if b := s.waitsFor(g.head()); b != nil {
			at = b.at
		}
	}
	if at == g.at {
		return
	}
	g.unblock()
	if g.at = at; at != nil {
		at.blocked = append(at.blocked, g)
	}
}

// waitsFor is the limit that keeps a hungry workload from more, nil if none does.
func (s *State) waitsFor(w *workload) *bound {
	if b := s.quotaShort(w); b != nil {
		return b
	}
	return s.copiesShort(w)
}

func (g *lack) unblock() {
	if g.at == nil {
		return
	}
	i := slices.Index(g.at.blocked, g)
	g.at.blocked = slices.Delete(g.at.blocked, i, i+1)
	g.at = nil
}

// touchBlocked lets those be tried again that wait for room in a quota of the account
// or a group above it.
func (s *State) touchBlocked(a *account) {
	for at := a; at != nil; at = at.parent {
		for _, g := range at.blocked {
			s.touch(g.head())
		}
	}
}
