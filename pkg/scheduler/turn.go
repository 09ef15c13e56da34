package scheduler

import (
	"cmp"
	"container/heap"
	"fmt"

	"fairlead.dev/pkg/event"
)

// Whose turn it is. Workloads that are to be looked at come in the order of
//
//	level  priority, plus one for every agingSeconds that the workload waits
//	share  of its tenant: the one that has least of the fleet, by its weight, comes
//	       first; between groups that of the group counts, within a group that of
//	       its members
//	age    the older wish first, then the name
//
// The share is dominant: of CPU, memory and GPU the part of the fleet's capacity that
// the tenant has most of. The order is kept in heaps along the tree of accounts: one
// of workloads in each account and one of accounts in each group, so that a decision
// costs a few steps up the tree however many wait.

// agingDefault is the wait in ms that raises a workload by one level.
const agingDefault = 60_000

// aging is the wait that raises a workload by one level, in ms of observed time.
func (s *State) aging() int64 {
	if s.fleet != nil && s.fleet.AgingSeconds > 0 {
		return int64(s.fleet.AgingSeconds) * 1000
	}
	return agingDefault
}

// level is the first key of the order. Observed time is cut into steps of aging; a
// workload gains one level at each step that it sees waiting. Written as the
// difference to the present step the level of whoever waits never changes, so that
// heaps stay in order while time passes.
func (s *State) level(w *workload) int64 {
	since := s.observed
	if w.waits() {
		since = w.since
	}
	return int64(w.priority) - since/s.aging()
}

// waits says whether something is wanted that has no place yet.
func (w *workload) waits() bool {
	return !w.withdrawn && (w.decidedGen != w.generation || w.lacking())
}

// lacking says whether the last decision left replicas without a place.
func (w *workload) lacking() bool {
	return w.verdict == event.VerdictHeld || w.verdict == event.VerdictPreempted || w.unfilled > 0
}

// turn orders workloads of one account by level and age. It is total. Heaps ask it
// all the time: the names are compared only where they must be.
func turn(a, b *workload) int {
	switch {
	case a.slot.level != b.slot.level:
		return cmp.Compare(b.slot.level, a.slot.level)
	case a.generation != b.generation:
		return cmp.Compare(a.generation, b.generation)
	}
	return a.id.Compare(b.id)
}

// before orders accounts of one group by the level of what is first in them, their
// share for their weight, and the age of what is first.
func (a *account) before(o *account) bool {
	if a.top.slot.level != o.top.slot.level {
		return a.top.slot.level > o.top.slot.level
	}
	if mine, theirs := a.share*o.weight(), o.share*a.weight(); mine != theirs {
		return mine < theirs
	}
	return turn(a.top, o.top) < 0
}

// touch asks for an evaluation.
func (s *State) touch(w *workload) {
	w.slot.level = s.level(w)
	a := w.account
	if w.slot.dirty.taken() {
		heap.Fix(&a.work, w.slot.dirty.index())
	} else {
		heap.Push(&a.work, w)
	}
	a.lift()
	if !w.slot.evictee.taken() && s.driven(w) != "" {
		heap.Push(&s.queue.evictees, w)
	}
}

// untouch takes a workload out of those to be evaluated.
func (w *workload) untouch() {
	if w.slot.dirty.taken() {
		heap.Remove(&w.account.work, w.slot.dirty.index())
		w.account.lift()
	}
}

// lift brings the account, and the groups above it, to the place that their first
// workload and their share give them.
func (a *account) lift() {
	for at := a; at != nil; at = at.parent {
		at.top = at.first()
		if at.parent != nil {
			at.list()
		}
	}
}

// first is the workload whose turn is next, of the account's own and those below it.
func (a *account) first() *workload {
	switch {
	case len(a.work) == 0 && len(a.kids) == 0:
		return nil
	case len(a.work) == 0:
		return a.kids[0].top
	case len(a.kids) == 0 || turn(a.work[0], a.kids[0].top) < 0:
		return a.work[0]
	}
	return a.kids[0].top
}

// list puts the account among the kids of its parent while it has work.
func (a *account) list() {
	switch {
	case a.top == nil:
		a.unlist()
	case a.place == 0:
		heap.Push(&a.parent.kids, a)
	default:
		heap.Fix(&a.parent.kids, a.place-1)
	}
}

func (a *account) unlist() {
	if a.place > 0 {
		heap.Remove(&a.parent.kids, a.place-1)
	}
}

// reorder puts everything below the account in order again, after levels or shares
// changed together.
func (s *State) reorder(a *account) {
	for _, w := range a.work {
		w.slot.level = s.level(w)
	}
	heap.Init(&a.work)
	for _, kid := range a.kids {
		s.reorder(kid)
	}
	heap.Init(&a.kids)
	a.top = a.first()
}

// tellTurn says by what the turn of a workload that waits is found.
func (s *State) tellTurn(w *workload) Check {
	a, class := s.accountOf(w), ""
	switch p := &w.spec.Policy; {
	case p.PriorityClass == "":
	case s.priorityClass(p.PriorityClass) == nil:
		class = fmt.Sprintf(" (there is no class %s)", p.PriorityClass)
	default:
		class = fmt.Sprintf(" (class %s)", p.PriorityClass)
	}
	gained := s.observed/s.aging() - w.since/s.aging()
	return Check{Name: "turn", OK: true, Need: int64(w.priority), Have: int64(w.priority) + gained,
		Message: fmt.Sprintf("priority %d%s, %d levels gained in %s of waiting; %s has %s of the fleet by weight %d",
			w.priority, class, gained, seconds(s.observed-w.since), cmp.Or(string(a.id), "nobody"), percent(a.share), a.weight())}
}

// percent writes a share.
func percent(share uint64) string {
	tenths := share * 1000 / wholeShare
	return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10)
}
