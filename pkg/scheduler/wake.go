package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// improved notes that a cluster may take what it did not take before.
func (s *State) improved(c *cluster) {
	s.known.note(c, change{kind: changeFacts})
	s.attend(c)
}

// attend asks for a look at the cluster: at its agent's word, its liveness, and whoever
// waits for what it has.
func (s *State) attend(c *cluster) {
	q := &s.queue
	if c.hello > c.synced {
		q.greeted = true
	}
	if c.suspected {
		q.watch(c)
	}
	if !c.changed {
		c.changed = true
		q.changed = append(q.changed, c)
	}
}

// wake lets the first of each lack be tried again if a changed cluster could take
// a replica of it.
func (s *State) wake() {
	q := &s.queue
	for _, c := range q.changed {
		c.changed = false
		for _, g := range q.groups {
			if (g.at == nil || g.head().priceHeld()) && s.couldTake(c, g.head()) {
				s.touch(g.head())
			}
		}
	}
	q.changed = q.changed[:0]
}

func (s *State) couldTake(c *cluster, w *workload) bool {
	return s.passes(w.query, c, false) && !s.keeps(w, c) && c.freeRoom().fit(w.query.class) > 0 ||
		w.on(c) != nil && s.passes(w.query, c, true)
}

// watch asks for a look at the cluster's liveness.
func (q *queue) watch(c *cluster) {
	if at, found := slices.BinarySearchFunc(q.watching, c.id, byID); !found {
		q.watching = slices.Insert(q.watching, at, c)
	}
}

// watched is the next cluster to look at, by name, nil if there is none.
func (q *queue) watched() *cluster {
	if len(q.watching) == 0 {
		return nil
	}
	return q.watching[0]
}

func (q *queue) unwatch() { q.watching = q.watching[1:] }

// requeue makes the queue anew from the state.
func (s *State) requeue() {
	s.queue = newQueue()
	for _, a := range append(s.books.sorted(), s.books.root) {
		a.work, a.kids, a.top, a.place, a.blocked = nil, nil, nil, 0, nil
	}
	for _, c := range s.clusters.sorted {
		c.changed = false
		s.improved(c)
		s.queue.watch(c)
	}
	for _, id := range s.workloadIDs() {
		w := s.workloads[id]
		w.slot = slot{}
		s.settled(w)
		if s.unsettled(w) {
			s.touch(w)
		}
	}
}

// mayChange says whether anything calls for another decision. Without it what stands
// is left alone, whatever led to a look: a process that looked at other times, or never,
// must decide the same.
func (s *State) mayChange(w *workload) bool {
	asks := w.hungry() && !(w.verdict == event.VerdictEvicted && w.awaits()) // no place is sought before the word is there
	return w.decidedGen != w.generation || asks || s.unsettled(w)
}

// unsettled says whether more than an improvement elsewhere calls for a look.
func (s *State) unsettled(w *workload) bool {
	return w.decidedGen != w.generation || w.withdrawn || s.stepDone(w) || s.untied(w) || w.moving() && w.replaced() || w.refused() ||
		s.fails(w) != "" || s.stall(w) != nil || s.stuck(w) != nil || w.waitedOut(s.observed) || w.wordIsThere() || s.driven(w) != "" ||
		w.quotaHeld() && s.quotaShort(w) == nil || s.chosen == w.id || s.mustGive(w) != nil || !w.completed && w.succeeded() ||
		slices.ContainsFunc(w.seats, s.misplaced)
}

// misplaced says whether replicas are not on their way from a cluster that they may not
// stay on, or were not decided for, or that took them along, or whose word on them is lost.
func (s *State) misplaced(st *seat) bool {
	if st.swallowed() {
		return true
	}
	if st.held() > 0 && !st.c.left && !st.w.assigned(st.c.id) {
		return true // it goes on there though its command was rejected
	}
	return st.held() > st.w.leavingOn(st.c.id) && (st.c.left || !s.passes(st.w.query, st.c, true))
}

// assigned says whether what was decided names the cluster.
func (w *workload) assigned(id event.ClusterID) bool {
	return slices.ContainsFunc(w.assignments(), func(a event.Assignment) bool { return a.Cluster == id })
}

// waitedOut says whether the time that the last decision set is over.
func (w *workload) waitedOut(now int64) bool {
	at := of(w.remarks).notBefore
	return at > 0 && at <= now
}

// wordIsThere says whether what gave up first may be placed now.
func (w *workload) wordIsThere() bool { return w.verdict == event.VerdictEvicted && !w.awaits() }
