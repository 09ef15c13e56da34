package scheduler

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// queue says which workloads and clusters are worth a look. It is a cache: every
// workload that a fresh evaluation would decide otherwise is in it, others may be.
// It can be made again from the state at any time (Restore does). Those to be
// evaluated lie in the heaps of their accounts (turn.go); the rest is here.
type queue struct {
	waiting  byTime           // nothing to do before their time
	evictees byTurn           // driven from a cluster, but nobody may leave now
	hungry   map[string]*lack // by what they lack
	groups   []*lack          // the same, by key
	changed  []*cluster       // improved since the hungry were looked at
	watching []*cluster       // their liveness may have changed
	greeted  bool             // some agent may wait for an answer
	counted  bool             // silent clusters were counted since something changed
	searched bool             // and nobody is to be given up
}

// lack is a set of hungry workloads of one tenant that ask for exactly the same: if
// the first does not fit, none does.
type lack struct {
	key     string
	members byWait
	at      *account // the quota that they wait for room in; nil: room in a cluster
}

func (g *lack) head() *workload { return g.members[0] }

// slot is a workload's place in the queue.
type slot struct {
	level   int64 // key of the order, see State.level
	due     int64 // key in waiting: observed ms
	group   *lack
	dirty   heapPlace // in the work of its account
	waiting heapPlace
	evictee heapPlace // in evictees
	member  heapPlace // in group
}

func newQueue() queue { return queue{hungry: map[string]*lack{}} }

// head is the next to be evaluated. While evictions have budget left, those that must
// leave a cluster come before all others, highest priority first.
func (s *State) head() *workload {
	q := &s.queue
	for len(q.evictees) > 0 && s.mayEvict() {
		w := q.evictees[0]
		if s.driven(w) != "" {
			return w
		}
		heap.Pop(&q.evictees)
	}
	return s.books.root.top
}

// settled notes that the workload stands as it should, until something changes.
func (s *State) settled(w *workload) {
	q := &s.queue
	q.unqueue(w)
	if at := s.dueAt(w); at > s.observed {
		w.slot.due = at
		heap.Push(&q.waiting, w)
	}
	if s.driven(w) != "" && !s.mayEvict() {
		heap.Push(&q.evictees, w)
	}
	switch {
	case w.withdrawn, of(w.remarks).notBefore > s.observed, w.decidedGen != w.generation:
		s.leaveGroup(w)
	case w.hungry():
		s.joinGroup(w)
	default:
		s.leaveGroup(w)
	}
}

func (q *queue) unqueue(w *workload) {
	w.untouch()
	if w.slot.waiting.taken() {
		heap.Remove(&q.waiting, w.slot.waiting.index())
	}
	if w.slot.evictee.taken() {
		heap.Remove(&q.evictees, w.slot.evictee.index())
	}
}

// dueAt is the observed time at which the workload must be looked at again though
// nothing happens; 0 if there is none.
func (s *State) dueAt(w *workload) int64 {
	if w.withdrawn {
		return 0
	}
	due := of(w.remarks).notBefore
	for _, st := range w.seats {
		if st.held() > 0 {
			due = s.sooner(due, s.leaveAt(w, st.c))
		}
	}
	return due
}

// sooner is the first of two times that is still to come; 0 if neither is.
func (s *State) sooner(a, b int64) int64 {
	switch {
	case a <= s.observed:
		return b
	case b <= s.observed:
		return a
	}
	return min(a, b)
}

// due lets those be tried again whose wait is over.
func (s *State) due() {
	q := &s.queue
	for len(q.waiting) > 0 && q.waiting[0].slot.due <= s.observed {
		w := heap.Pop(&q.waiting).(*workload)
		s.settled(w)
		s.touch(w)
	}
}

// forget takes a workload out, before its rank changes or it goes for good.
func (s *State) forget(w *workload) {
	s.queue.unqueue(w)
	s.leaveGroup(w)
}

// hungry says whether an improvement anywhere could change the decision: also of what
// gave up first and has no place in view. While steps of a rollout wait, only their turn
// can.
func (w *workload) hungry() bool {
	return !w.rolling && (w.lacking() || w.verdict == event.VerdictEvicted || !w.completed && copies(&w.spec.Policy))
}

// want is what a hungry workload lacks, as a key. One that stands somewhere
// already lacks something of its own.
func (s *State) want(w *workload) string {
	if len(w.seats) > 0 || s.alone(w) {
		return w.id.String()
	}
	p := w.spec.Policy
	p.Priority = int(w.priority)
	p.Overrides, p.Rollout, p.Progress = nil, nil, nil // no matter where
	return fmt.Sprintf("%s|%s|%d|%q|%s|%v", w.id.Tenant, w.spec.Kind, w.spec.Replicas, sortedKeys(w.spec.Native), w.query.class.key, p)
}

func (s *State) joinGroup(w *workload) {
	key, q := s.want(w), &s.queue
	if w.slot.group != nil && w.slot.group.key != key {
		s.leaveGroup(w)
	}
	w.slot.level = s.level(w)
	g := w.slot.group
	if g != nil {
		heap.Fix(&g.members, w.slot.member.index())
	} else {
		g = q.group(key)
		heap.Push(&g.members, w)
		w.slot.group = g
	}
	s.blockGroup(g)
}

// group finds or opens the lack of a key.
func (q *queue) group(key string) *lack {
	g := q.hungry[key]
	if g == nil {
		g = &lack{key: key}
		q.hungry[key] = g
		at, _ := slices.BinarySearchFunc(q.groups, key, byKey)
		q.groups = slices.Insert(q.groups, at, g)
	}
	return g
}

func byKey(g *lack, key string) int { return cmp.Compare(g.key, key) }

// leaveGroup takes a workload out of its group. If it was the first, the next one
// is worth a look: there may be room for more than the first needed.
func (s *State) leaveGroup(w *workload) {
	g, q := w.slot.group, &s.queue
	if g == nil {
		return
	}
	first := g.head() == w
	heap.Remove(&g.members, w.slot.member.index())
	w.slot.group = nil
	switch {
	case len(g.members) == 0:
		g.unblock()
		delete(q.hungry, g.key)
		i, _ := slices.BinarySearchFunc(q.groups, g.key, byKey)
		q.groups = slices.Delete(q.groups, i, i+1)
	case first:
		s.touch(g.head())
	}
}
