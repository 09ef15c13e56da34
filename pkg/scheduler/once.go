package scheduler

import (
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// At most once: a replica is started elsewhere only after its old cluster said that it
// is gone there. So the order of a move is turned round: first the old cluster is told
// to withdraw, then its word is awaited, then the replica is placed. A cluster that is
// lost cannot say it; what stands there stays until it is back, unless its orchestrator
// ends what it runs by a lease of its own, or an operator says that nothing is left.

// once says whether no replica may run twice.
func (w *workload) once() bool { return w.spec.Policy.AtMostOnce }

// freed says whether nothing runs on the cluster any more, though it did not say so.
func (st *seat) freed() bool {
	return of(st.trouble).released || st.c.lost && st.c.report != nil && st.c.report.Leased
}

// awaited says whether the cluster owes its word: that what it was told to give up is gone,
// or what goes on there after it rejected the command of a synchronisation.
func (st *seat) awaited() bool { return (st.awaits() > 0 || st.unsure()) && !st.freed() }

// swallowed says whether a synchronisation took the place of the command whose end is
// awaited: the cluster must be told under a number of its own.
func (st *seat) swallowed() bool {
	t := st.standing()
	return st.awaited() && !st.c.left && t != nil && t.implied()
}

// await notes a command that takes replicas away as one whose end must be reported.
func (st *seat) await(t *told, held int) {
	if t.held() < held && !st.freed() {
		own(&st.trouble).awaits = t.Number
	}
	if t.held() > 0 && st.trouble != nil {
		st.trouble.released = false
	}
}

// gaveUp takes a status as the word that nothing more runs than stands; false if it
// does not say so.
func (st *seat) gaveUp(d *event.WorkloadStatusReported) bool {
	held := st.held()
	if st.awaits() == 0 || d.Last == nil || d.Last.Number < st.awaits() ||
		d.Wanted > held || d.Ready+d.Pending > held || held == 0 && d.Token != 0 {
		return false
	}
	st.trouble.awaits = 0
	return true
}

// applyReleased is an operator's word that nothing of the workload runs on a cluster.
func (s *State) applyReleased(d *event.WorkloadReleased) {
	id := event.WorkloadID{Tenant: d.Tenant, Name: d.Name}
	c := s.clusters.byName[d.Cluster]
	if c == nil {
		return
	}
	if st := s.seatOf(id, c); st != nil {
		s.release(st)
	}
}

func (s *State) release(st *seat) {
	own(&st.trouble).awaits, st.trouble.released = 0, true
	s.touch(st.w)
	s.dropEmpty(st)
}

// stuck is the first cluster that cannot be asked whether a replica which may run only
// once is gone; nil if there is none.
func (s *State) stuck(w *workload) *cluster {
	if !w.once() {
		return nil
	}
	for _, st := range w.seats {
		c := st.c
		if (c.left || s.isGone(w.query, c)) && !st.freed() && (st.held() > 0 || st.awaits() > 0 || st.unsure()) {
			return c
		}
	}
	return nil
}

// holdStuck records that the workload waits for the word of a cluster that is away.
func (s *State) holdStuck(w *workload, c *cluster) *event.PlacementDecided {
	standing := s.standing(w)
	if w.verdict == event.VerdictHeld && w.decidedGen == w.generation && sameSeats(standing, w.portions) {
		return nil
	}
	away := "is lost"
	if c.left {
		away = "has left"
	}
	d := s.decision(w, event.VerdictHeld)
	d.Cause = event.CauseLost
	d.Assignments = standing
	d.Reason = fmt.Sprintf("at most once: %s %s and has not said that no replica is left; release the workload there if you know it", c.id, away)
	d.Refusals = []event.Refusal{{Check: "atMostOnce", Clusters: 1, Nearest: c.id, Have: int64(max(1, w.on(c).held())), Message: clip(d.Reason, maxMessage)}}
	return d
}

// giveUpFirst turns the order of a move round: while something is to be given up, or
// its end is awaited, nothing is gained.
func (s *State) giveUpFirst(w *workload, changes []seatChange) []seatChange {
	var out []seatChange
	waiting := false
	for _, st := range w.seats {
		waiting = waiting || st.awaited()
	}
	for _, ch := range changes {
		waiting = waiting || ch.target < ch.held && !w.on(ch.c).freed()
	}
	for _, ch := range changes {
		if waiting {
			ch.target = min(ch.target, ch.held)
		}
		if ch.target > 0 || ch.held > 0 {
			out = append(out, ch)
		}
	}
	for _, st := range w.seats { // also where the replica is to go again afterwards
		if st.swallowed() && !slices.ContainsFunc(out, func(ch seatChange) bool { return ch.c == st.c }) {
			out = append(out, seatChange{c: st.c, again: true})
		}
	}
	slices.SortFunc(out, byCluster)
	return out
}

// awaits says whether what was decided last waits for a cluster to say that no replica
// is left.
func (w *workload) awaits() bool {
	return w.once() && w.verdict == event.VerdictEvicted && w.decidedGen == w.generation && !w.refused() &&
		slices.ContainsFunc(w.seats, (*seat).awaited)
}

// afterwards is the reason of a decision that gives up first.
func afterwards(d *event.PlacementDecided) string {
	for _, a := range d.Assignments {
		if a.Command > 0 {
			return fmt.Sprintf("at most once: placed elsewhere once %s says that no replica is left", a.Cluster)
		}
	}
	return ""
}

// mayReturn says whether what stands on a cluster that left must be remembered.
func (s *State) mayReturn(w *workload, c *cluster) bool {
	return w.once() && !w.withdrawn && !w.on(c).freed()
}

// askAgain lets those be told once more, under the numbers of a new incarnation, whose
// end is awaited: what a synchronisation does not name has no command to report.
func (s *State) askAgain(c *cluster) {
	for _, w := range c.seated() {
		st := w.on(c)
		if st.trouble == nil {
			continue
		}
		st.trouble.released = false
		if st.trouble.awaits > 0 {
			st.trouble.awaits = st.standing().Number
			s.touch(w)
		}
	}
}

// forgive ends what was awaited of a workload that may run twice by now.
func (s *State) forgive(w *workload) {
	for _, st := range slices.Clone(w.seats) {
		if st.trouble != nil {
			st.trouble.awaits = 0
		}
		s.dropEmpty(st)
	}
}
