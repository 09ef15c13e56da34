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
	for _, c := range w.clusters {
		if c.left {
			return event.CauseLost
		}
	}
	if w.moving() || w.verdict == event.VerdictEvicted {
		return w.cause // the second step of the same move
	}
	return event.CauseRoom
}

// isEviction says whether the cause drives replicas from their cluster.
func isEviction(c event.Cause) bool {
	return c == event.CauseLost || c == event.CauseDrained || c == event.CauseTainted
}
