package scheduler

import (
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// An account is a tenant or a group of tenants: its place in the tree that quota.set
// draws, what it uses, and its turn among its siblings (turn.go). Every tenant has
// one; without a quota it stands under the root, with weight 1 and no limit.
type account struct {
	id     event.Tenant
	parent *account        // nil for the root alone
	quota  *event.QuotaSet // nil: none
	used   usage           // by it and everybody below

	share   uint64    // dominant share of the fleet, of wholeShare
	work    byLevel   // its own workloads to be looked at
	kids    byShare   // accounts below it that have such
	top     *workload // the one of all those whose turn is next, nil if there is none
	place   int       // index+1 among the kids of its parent, 0 if absent
	blocked []*lack   // those that wait for room in this quota
}

// books are the accounts of all tenants. They follow from the settings and from what
// was decided, so no snapshot holds them.
type books struct {
	root     *account
	accounts map[event.Tenant]*account
	limits   int             // accounts that limit anything
	fleet    event.Resources // what shares are shares of
}

func newBooks() books {
	return books{root: &account{}, accounts: map[event.Tenant]*account{}}
}

// get finds or opens an account.
func (b *books) get(id event.Tenant) *account {
	if a := b.accounts[id]; a != nil {
		return a
	}
	a := &account{id: id, parent: b.root}
	b.accounts[id] = a
	return a
}

// sorted lists the accounts by name.
func (b *books) sorted() []*account {
	out := make([]*account, 0, len(b.accounts))
	for _, id := range slices.Sorted(maps.Keys(b.accounts)) {
		out = append(out, b.accounts[id])
	}
	return out
}

// limited says whether the account bounds anything.
func (a *account) limited() bool {
	q := a.quota
	return q != nil && (q.Workloads > 0 || q.MaxPrice > 0 || q.Limit != nil)
}

// weight is its part among its siblings.
func (a *account) weight() uint64 {
	if a.quota == nil || a.quota.Weight <= 0 {
		return 1
	}
	return uint64(a.quota.Weight)
}

// weigh makes the dominant share anew: that of the resource it has most of.
func (a *account) weigh(fleet event.Resources) {
	a.share = max(a.used.cpu.shareOf(fleet.CPUMilli), a.used.memory.shareOf(fleet.MemoryBytes), a.used.gpu.shareOf(fleet.GPUMilli))
}

// applyQuota gives a tenant or group its quota and its place in the tree.
func (s *State) applyQuota(d *event.QuotaSet) {
	moved := append(s.loop(d.Tenant), d.Tenant)
	setOrDrop(s.quotas, d.Tenant, d, d.Removed)
	moved = append(moved, s.loop(d.Tenant)...)
	a := s.books.get(d.Tenant)
	if a.limited() {
		s.books.limits--
	}
	a.quota = s.quotas[d.Tenant]
	if a.limited() {
		s.books.limits++
	}
	for _, id := range moved {
		s.books.move(s.books.get(id), s.parentOf(id))
	}
	a.lift()
	s.touchBlocked(a)
}

// parentOf is the account above one: the group its quota names, whether or not that
// has a quota of its own. A link that is part of a loop does not count: everybody on
// the loop stands under the root.
func (s *State) parentOf(id event.Tenant) *account {
	q := s.quotas[id]
	if q == nil || q.Parent == "" || len(s.loop(id)) > 0 {
		return s.books.root
	}
	return s.books.get(q.Parent)
}

// loop lists those on the loop of parents that comes back to id, nil if none does.
func (s *State) loop(id event.Tenant) []event.Tenant {
	var path []event.Tenant
	for at := id; len(path) <= len(s.quotas); {
		path = append(path, at)
		q := s.quotas[at]
		if q == nil || q.Parent == "" {
			return nil
		}
		if at = q.Parent; at == id {
			return path
		}
	}
	return nil // it runs into a loop of others
}

// move puts an account, with all it uses, under another one.
func (b *books) move(a, parent *account) {
	if a.parent == parent {
		return
	}
	a.unlist()
	for at := a.parent; at != nil; at = at.parent {
		at.used.combine(&a.used, wide.minus)
		at.weigh(b.fleet)
	}
	a.parent.lift()
	a.parent = parent
	for at := parent; at != nil; at = at.parent {
		at.used.combine(&a.used, wide.plus)
		at.weigh(b.fleet)
	}
	a.lift()
}

// openBooks makes the accounts anew from the settings and the workloads.
func (s *State) openBooks() {
	s.books = newBooks()
	for _, q := range s.Quotas() {
		a := s.books.get(q.Tenant)
		if a.quota = q; a.limited() {
			s.books.limits++
		}
	}
	for _, q := range s.Quotas() {
		s.books.move(s.books.get(q.Tenant), s.parentOf(q.Tenant))
	}
	for _, id := range s.workloadIDs() {
		w := s.workloads[id]
		w.account = s.books.get(id.Tenant)
		s.books.book(w.account, w.charge, wide.plus)
	}
	s.books.fleet = s.capacity
	for _, a := range s.books.sorted() {
		a.weigh(s.capacity)
	}
}
