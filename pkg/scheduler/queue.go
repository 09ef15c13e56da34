package scheduler

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
)

// queue says which workloads and clusters are worth a look. It is a cache: every
// workload that a fresh evaluation would decide otherwise is in it, others may be.
// It can be made again from the state at any time (Restore does).
type queue struct {
	dirty    byRank           // to be evaluated
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

// lack is a set of hungry workloads that ask for exactly the same: if the first
// does not fit, none does.
type lack struct {
	key     string
	members []*workload // by rank
}

// slot is a workload's place in the queue.
type slot struct {
	dirty   int   // index+1 in dirty, 0 if absent
	waiting int   // index+1 in waiting, 0 if absent
	evictee int   // index+1 in evictees, 0 if absent
	due     int64 // key in waiting: observed ms
	group   *lack
}

func newQueue() queue { return queue{hungry: map[string]*lack{}} }

// rank orders workloads: priority first, then age, then name. It is total.
func rank(a, b *workload) int {
	return cmp.Or(
		cmp.Compare(b.spec.Policy.Priority, a.spec.Policy.Priority),
		cmp.Compare(a.generation, b.generation),
		a.id.Compare(b.id))
}

// touch asks for an evaluation.
func (s *State) touch(w *workload) { s.queue.touch(w) }

func (q *queue) touch(w *workload) {
	if w.slot.dirty > 0 {
		heap.Fix(&q.dirty, w.slot.dirty-1)
		return
	}
	heap.Push(&q.dirty, w)
}

// head is the next to be evaluated. While evictions have budget left, those that wait
// for it are among them.
func (s *State) head() *workload {
	q := &s.queue
	if len(q.evictees) > 0 && s.mayEvict() && (len(q.dirty) == 0 || rank(q.evictees[0], q.dirty[0]) < 0) {
		return q.evictees[0]
	}
	if len(q.dirty) == 0 {
		return nil
	}
	return q.dirty[0]
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
	case w.withdrawn, w.notBefore > s.observed:
		q.leaveGroup(w)
	case w.hungry():
		q.joinGroup(w)
	default:
		q.leaveGroup(w)
	}
}

func (q *queue) unqueue(w *workload) {
	if w.slot.dirty > 0 {
		heap.Remove(&q.dirty, w.slot.dirty-1)
	}
	if w.slot.waiting > 0 {
		heap.Remove(&q.waiting, w.slot.waiting-1)
	}
	if w.slot.evictee > 0 {
		heap.Remove(&q.evictees, w.slot.evictee-1)
	}
}

// dueAt is the observed time at which the workload must be looked at again though
// nothing happens; 0 if there is none.
func (s *State) dueAt(w *workload) int64 {
	if w.withdrawn {
		return 0
	}
	due := w.notBefore
	for _, c := range w.clusters {
		if c.seats[w.id].held() > 0 {
			due = s.sooner(due, s.leaveAt(w, c))
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
		q.touch(w)
	}
}

// forget takes a workload out, before its rank changes or it goes for good.
func (q *queue) forget(w *workload) {
	q.unqueue(w)
	q.leaveGroup(w)
}

// hungry says whether an improvement anywhere could change the decision.
func (w *workload) hungry() bool {
	return w.verdict == "held" || w.spec.Policy.Strategy == "duplicate"
}

// want is what a hungry workload lacks, as a key. One that stands somewhere
// already lacks something of its own.
func (w *workload) want() string {
	if len(w.clusters) > 0 {
		return w.id.String()
	}
	p := w.spec.Policy
	p.Priority = 0
	return fmt.Sprintf("%s|%d|%q|%s|%v", w.spec.Kind, w.spec.Replicas, sortedKeys(w.spec.Native), w.query.class.key, p)
}

func (q *queue) joinGroup(w *workload) {
	key := w.want()
	if w.slot.group != nil && w.slot.group.key == key {
		return
	}
	q.leaveGroup(w)
	g := q.hungry[key]
	if g == nil {
		g = &lack{key: key}
		q.hungry[key] = g
		at, _ := slices.BinarySearchFunc(q.groups, key, byKey)
		q.groups = slices.Insert(q.groups, at, g)
	}
	at, _ := slices.BinarySearchFunc(g.members, w, rank)
	g.members = slices.Insert(g.members, at, w)
	w.slot.group = g
}

func byKey(g *lack, key string) int { return cmp.Compare(g.key, key) }

// leaveGroup takes a workload out of its group. If it was the first, the next one
// is worth a look: there may be room for more than the first needed.
func (q *queue) leaveGroup(w *workload) {
	g := w.slot.group
	if g == nil {
		return
	}
	w.slot.group = nil
	at, _ := slices.BinarySearchFunc(g.members, w, rank)
	g.members = slices.Delete(g.members, at, at+1)
	if len(g.members) == 0 {
		delete(q.hungry, g.key)
		i, _ := slices.BinarySearchFunc(q.groups, g.key, byKey)
		q.groups = slices.Delete(q.groups, i, i+1)
		return
	}
	if at == 0 {
		q.touch(g.members[0])
	}
}
