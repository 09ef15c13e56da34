package scheduler

import "fairlead.dev/pkg/event"

// causeOf says what leads to a decision on the workload now.
func (s *State) causeOf(w *workload) event.Cause {
	switch {
	case w.decidedGen != w.generation || w.withdrawn:
		return event.CauseWish
	case w.refused():
		return event.CauseRejected
	}
	if cause := s.driven(w); cause != "" {
		return cause
	}
	if cause := s.fails(w); cause != "" {
		return cause
	}
	for _, st := range w.seats {
		if st.c.left {
			return event.CauseLost
		}
	}
	if w.moving() || w.verdict == event.VerdictEvicted {
		return w.cause // the second step of the same move
	}
	if s.untied(w) {
		return event.CauseAffinity
	}
	return event.CauseRoom
}

// untied says whether something runs where it may not be, by where others stand now.
func (s *State) untied(w *workload) bool {
	q := w.query
	if !s.asksTies(q) {
		return false
	}
	for _, st := range w.seats {
		c := st.c
		if st.held() > w.leavingOn(c.id) && !(isNear(s, q, c) && s.staysApart(q, c) && (!asksAlong(s, q) || isAlong(s, q, c))) {
			return true
		}
	}
	return false
}

// isEviction says whether the cause drives replicas from their cluster.
func isEviction(c event.Cause) bool {
	return c == event.CauseLost || c == event.CauseDrained || c == event.CauseTainted
}
