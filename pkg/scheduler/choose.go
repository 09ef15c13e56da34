package scheduler

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

// Once a tick one of those that wait is chosen to look for more than free room: to
// displace others if it may, or to have a cluster's room kept for it if it has aged.
// It is the first by turn of those whose pause is over. A record says what came of
// it, whatever that is, and its next pause is twice as long: so each gets its turn,
// and a workload that nothing can help blocks nobody.
//
// That is why nobody starves. A workload that waits rises by one level each step of
// aging; reserveSteps later it is among those that are chosen, and one after the other
// gets a claim. While a claim stands none of lower or equal rank gets room on that
// cluster, so its room only grows as what runs there ends; and as each further claim of
// the same workload lasts twice as long, one of them lasts until the cluster has
// emptied far enough.

const (
	reserveSteps = 5      // levels gained by waiting from which room is kept
	pauseMillis  = 10_000 // observed time before a workload that waits is chosen
	pauseDouble  = 6      // times at most that the pause doubles
)

// choose picks the next one at a tick.
func (s *State) choose() {
	s.chosen = event.WorkloadID{}
	var best *workload
	for _, g := range s.queue.groups {
		if w := g.head(); s.eligible(w) && (best == nil || turn(w, best) < 0) {
			best = w
		}
	}
	if best != nil {
		s.chosen = best.id
		s.touch(best)
	}
}

// eligible says whether something may be done for one that waits for room.
func (s *State) eligible(w *workload) bool {
	if w.verdict != event.VerdictHeld && w.verdict != event.VerdictPreempted || w.claimed() != nil || of(w.efforts).tryAt > s.observed {
		return false
	}
	return !w.partial() && !w.quotaHeld() && s.driven(w) == "" && (w.preempts || s.aged(w) && !s.reserving())
}

// partial says whether it has as many replicas as its policy calls worth placing, if
// not all.
func (w *workload) partial() bool {
	least := w.spec.Policy.MinReplicas
	return w.verdict != event.VerdictHeld && least > 0 && w.unfilled > 0 && w.spec.Replicas-int(w.unfilled) >= least
}

// aged says whether it has waited long enough for room to be kept for it.
func (s *State) aged(w *workload) bool {
	return s.observed/s.aging()-w.since/s.aging() >= reserveSteps
}

// reserving says whether room is kept for an aged workload already: one at a time.
func (s *State) reserving() bool {
	for _, w := range s.claims {
		if len(w.claimed().Givers) == 0 {
			return true
		}
	}
	return false
}

// pause sets when a workload that is held may be chosen next.
func (s *State) pause(w *workload, d *event.PlacementDecided) {
	switch {
	case !w.lacking():
		w.rest()
	case s.chosen == w.id || of(w.efforts).tryAt == 0:
		e := own(&w.efforts)
		e.tryAt = d.Observed + pauseMillis<<min(e.tries, pauseDouble)
		e.tries++
	}
	if s.chosen == w.id {
		s.chosen = event.WorkloadID{}
	}
}

// makeRoom looks for more than free room for a workload that fits nowhere; nil if
// nothing is to be recorded of it.
func (s *State) makeRoom(w *workload, attempt int) *event.PlacementDecided {
	chosen := s.chosen == w.id
	if !chosen && (!w.preempts || w.decidedGen == w.generation) {
		return nil
	}
	cands := s.candidates(w, w.query)
	if d := s.preempt(w, cands, attempt); d != nil || !chosen {
		return d
	}
	return s.reserve(w, cands, attempt)
}

// reserve has the room of a cluster kept for an aged workload: of those that could
// hold it if they were empty, the one that has most room for it already. Without one
// the record says that it is still held.
func (s *State) reserve(w *workload, cands []*candidate, attempt int) *event.PlacementDecided {
	d := s.decision(w, event.VerdictHeld)
	d.Attempt, d.Assignments = attempt, s.standing(w)
	d.Refusals, d.Reason = s.refusals(w, outcome{})
	if w.claimed() != nil || s.reserving() || !s.aged(w) {
		return d
	}
	var best *cluster
	most, room := -1, s.gap(w, cands)
	for _, c := range s.clusters.sorted {
		need := room.at(c)
		if need <= 0 || c.claimant != nil || !s.passes(w.query, c, false) {
			continue
		}
		fits := c.freeRoom().fit(w.query.class)
		if fits > most && emptied(c.report).fit(w.query.class) >= need+fits && s.dividesWith(w, cands, c, need) {
			best, most = c, fits
		}
	}
	if best != nil {
		d.Preempting, d.Cause = best.id, event.CausePreemption
		d.Reason = fmt.Sprintf("has waited for %s: what becomes free on %s is kept for it", seconds(s.observed-w.since), best.id)
	}
	return d
}
