package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

// Progress: replicas that a cluster cannot schedule are taken back after a time, and
// what does not become ready before its deadline is noted, moved, or rolled back. All
// times are observed time. Each time-out doubles with every move in a row, so that
// what becomes ready nowhere does not wander for ever.

// maxStrikes bounds the doubling.
const maxStrikes = 8

// stretched is a time-out of the workload in ms, doubled for every move in a row.
func (w *workload) stretched(secs int) int64 {
	return int64(secs) * 1000 << min(of(w.past).strikes, maxStrikes)
}

// lateAt is the observed time at which the deadline of what the cluster was told
// passes; 0 if none runs: it was ready once, leaves, or the cluster is not heard.
func (w *workload) lateAt(c *cluster) int64 {
	p, t := w.spec.Policy.Progress, w.on(c).standing()
	if p == nil || p.DeadlineSeconds == 0 || t == nil || t.held() == 0 || t.is(wasReady) || c.suspected || c.left {
		return 0
	}
	if t.Generation != w.generation || w.leavingOn(c.id) >= t.held() {
		return 0 // nobody waits for these
	}
	return max(t.At, c.back) + w.stretched(p.DeadlineSeconds)
}

// late counts the replicas on the cluster that missed their deadline.
func (s *State) late(w *workload, c *cluster) int {
	at := w.lateAt(c)
	if at == 0 || at > s.observed {
		return 0
	}
	st := w.on(c)
	return max(0, st.held()-st.ready(st.standing().Number))
}

// strandedAt is the observed time from which replicas that the cluster cannot schedule
// are taken back; 0 if there are none.
func (w *workload) strandedAt(c *cluster) int64 {
	p, st := w.spec.Policy.Progress, w.on(c)
	if p == nil || p.UnschedulableSeconds == 0 || c.left || st.stranded() == 0 {
		return 0
	}
	return of(st.trouble).stuck + w.stretched(p.UnschedulableSeconds)
}

// stranded counts the replicas, of what the cluster was told last, that it cannot
// schedule and that are missing for it: what an update runs on top is not.
func (st *seat) stranded() int {
	t := st.standing()
	if t == nil || !st.status.covers(t) {
		return 0
	}
	return min(int(st.status.unschedulable), max(0, t.held()-int(st.status.ready)))
}

// failing counts the replicas on the cluster that shall run elsewhere because they
// come to nothing there, and says why.
func (s *State) failing(w *workload, c *cluster) (n int, why event.Cause) {
	p := w.spec.Policy.Progress
	if p == nil || copies(&w.spec.Policy) {
		return 0, ""
	}
	if at := w.strandedAt(c); at > 0 && at <= s.observed {
		n, why = w.on(c).stranded(), event.CauseUnschedulable
	}
	if p.OnStall == event.StallMove {
		if late := s.late(w, c); late > n {
			n, why = late, event.CauseStalled
		}
	}
	return n, why
}

// gaveUp says whether replicas are leaving the cluster because they came to nothing
// there: as long as that move lasts, they do not come back. A new wish begins anew.
func (w *workload) gaveUp(c *cluster) bool {
	return w.leavingOn(c.id) > 0 && w.decidedGen == w.generation && (w.cause == event.CauseStalled || w.cause == event.CauseUnschedulable)
}

// fails says why some replicas must leave where they come to nothing, and are not on
// their way yet.
func (s *State) fails(w *workload) event.Cause {
	if w.spec.Policy.Progress == nil {
		return ""
	}
	for _, st := range w.seats {
		if n, why := s.failing(w, st.c); n > w.leavingOn(st.c.id) {
			return why
		}
	}
	return ""
}

// noteProgress takes what a status says about becoming ready.
func (s *State) noteProgress(st *seat, before *status) {
	w, t, changed := st.w, st.standing(), false
	if t != nil && !t.is(wasReady) && t.held() > 0 && st.ready(t.Number) >= t.held() {
		t.mark(wasReady)
		changed = true
	}
	if now := st.status.unschedulable; before.unschedulable == 0 || now == 0 {
		changed = changed || now > 0 || before.unschedulable > 0
		st.stuckAt(0)
		if now > 0 {
			st.stuckAt(s.observed)
		}
	}
	changed = changed || before.known() && st.status.unschedulable > 0 && before.ready != st.status.ready
	changed = w.noteReady() || changed
	if changed && w.spec.Policy.Progress != nil {
		s.touch(w)
	}
}

// noteReady remembers the generation once everything decided last is ready: after a
// status, and after a decision that waits for nothing. A seat that only leaves may be
// gone before its last status is read, so that its status must not be what tells. False
// where nothing is new.
func (w *workload) noteReady() bool {
	if w.good == w.decidedGen && of(w.past).strikes == 0 || !w.allReady() {
		return false
	}
	w.good = w.decidedGen
	if w.past != nil {
		w.past.strikes = 0
		w.prune()
	}
	return true
}

// allReady says whether everything decided last is ready where it was decided.
func (w *workload) allReady() bool {
	ready := 0
	for i := range w.portions {
		p := &w.portions[i]
		st := w.on(p.c)
		t := st.standing()
		if p.leaving > 0 || t == nil || t.Generation != w.decidedGen || st.ready(t.Number) < int(p.replicas) {
			return false
		}
		ready += int(p.replicas)
	}
	return ready > 0 && ready >= int(w.replicas)
}

// stall decides on a missed deadline that moves nothing: a return to the generation
// that was ready before, or else a note; nil if there is nothing to say.
func (s *State) stall(w *workload) *event.PlacementDecided {
	p := w.spec.Policy.Progress
	if p == nil || p.DeadlineSeconds == 0 || w.decidedGen != w.generation || w.refused() {
		return nil
	}
	moves := p.OnStall == event.StallMove && !copies(&w.spec.Policy)
	if moves || !slices.ContainsFunc(w.seats, func(st *seat) bool { return s.late(w, st.c) > 0 && !st.standing().is(noted) }) {
		return nil
	}
	if p.OnStall == event.StallRollback {
		if d := s.rollBack(w); d != nil {
			return d
		}
	}
	return s.note(w)
}

// note records that a deadline was missed, and leaves everything as it is.
func (s *State) note(w *workload) *event.PlacementDecided {
	d := s.decision(w, w.verdict)
	d.Cause, d.Reason = event.CauseStalled, s.stallWords(w)
	said := of(w.remarks)
	d.Attempt, d.Refusals, d.Unfilled = said.attempt, said.refusals, int(w.unfilled)
	for _, a := range w.assignments() {
		a.Command, a.Incarnation = 0, 0
		d.Assignments = append(d.Assignments, a)
	}
	return d
}

// stallWords tells where how many replicas missed their deadline.
func (s *State) stallWords(w *workload) string {
	var where []string
	for _, st := range w.seats {
		c := st.c
		if n := s.late(w, c); n > 0 {
			where = append(where, fmt.Sprintf("%d of %d replicas not ready on %s after %s", n, st.held(), c.id, seconds(s.observed-max(st.standing().At, c.back))))
		}
	}
	return clip(strings.Join(where, "; "), 1024)
}

// rollBack decides on the generation that was ready before; nil if there is none, or
// if it has no place. What came before a generation that was rolled back is not
// looked for: one step, no loop.
func (s *State) rollBack(w *workload) *event.PlacementDecided {
	spec := w.olderSpec(w.good)
	if w.good == 0 || w.good >= w.generation || spec == nil {
		return nil
	}
	old := *w
	old.spec, old.query, old.generation = spec, s.known.query(&old, spec), w.good
	s.prepare(old.query)
	cands := s.candidates(&old, old.query)
	out := divide(&spec.Policy, spec.Replicas, cands)
	if !out.ok {
		return nil
	}
	d := s.assign(&old, cands, 0, out)
	if d == nil {
		return nil
	}
	d.Cause = event.CauseStalled
	d.Reason = clip(fmt.Sprintf("%s: generation %d gives way to %d", s.stallWords(w), w.generation, w.good), 1024)
	return d
}

// applyStall notes what a decision on a missed deadline means for later ones.
func (s *State) applyStall(w *workload, d *event.PlacementDecided) {
	for _, st := range w.seats {
		if t := st.standing(); t != nil && s.late(w, st.c) > 0 {
			t.mark(noted)
		}
	}
	if d.Verdict != event.VerdictHeld && s.fails(w) == d.Cause {
		own(&w.past).strikes++
	}
	if spec := w.olderSpec(d.Generation); d.Generation < w.generation && spec != nil {
		s.forget(w)
		s.ask(w, -1)
		w.keepWish()
		w.past.rolledBack, w.generation, w.spec, w.query = w.generation, d.Generation, spec, s.known.query(w, spec)
		s.ask(w, 1)
		s.classify(w)
		s.reinstate(w)
	}
}
