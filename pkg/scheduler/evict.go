package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// Evictions: what drives replicas from the cluster they run on, and how many
// workloads may leave in a second. A workload that may not leave yet stays as it is
// and waits its turn, highest priority first (queue.evictees).

// budget counts the evictions of one second of observed time.
type budget struct {
	Second int64 `json:"second"`
	Used   int   `json:"used"`
}

// mayEvict says whether one more workload may leave its cluster now.
func (s *State) mayEvict() bool {
	if s.paused {
		return false
	}
	return s.evicted.Second != s.observed/1000 || s.evicted.Used < s.failover().EvictionsPerSecond
}

// spendEviction takes one out of the budget of this second.
func (s *State) spendEviction() {
	if second := s.observed / 1000; s.evicted.Second != second {
		s.evicted = budget{Second: second}
	}
	s.evicted.Used++
}

// drives says why replicas of the workload may not stay on the cluster, "" if they
// may.
func (s *State) drives(q *query, c *cluster) event.Cause {
	switch {
	case s.isGone(q, c):
		return event.CauseLost
	case c.draining || c.window == windowDrain:
		return event.CauseDrained
	case !s.endures(q, c):
		return event.CauseTainted
	}
	return ""
}

// driven says why some replicas of the workload must leave a cluster and are not on
// their way yet, "" if none must. A cluster that left the fleet took them along: that
// needs no permission.
func (s *State) driven(w *workload) event.Cause {
	for _, st := range w.seats {
		c := st.c
		if c.left || st.held() <= w.leavingOn(c.id) {
			continue
		}
		if cause := s.drives(w.query, c); cause != "" {
			return cause
		}
	}
	return ""
}

// isGone says whether the cluster has been silent for so long that replicas there
// count as lost: by the fleet's time-out, or by one of the workload's own.
func (s *State) isGone(q *query, c *cluster) bool {
	if q.spec.Policy.FailoverSeconds == 0 || s.failover().Disabled {
		return c.lost
	}
	return c.suspected && s.silence(c) >= s.patience(q)
}

func (s *State) isThere(q *query, c *cluster) bool { return !s.isGone(q, c) }

// patience is the silence, in ms, after which replicas count as lost.
func (s *State) patience(q *query) int64 {
	if own := int64(q.spec.Policy.FailoverSeconds) * 1000; own > 0 {
		return own
	}
	return s.lostMillis()
}

// endures says whether replicas may stay in spite of the cluster's NoExecute taints.
func (s *State) endures(q *query, c *cluster) bool {
	if c.report == nil {
		return true
	}
	return !slices.ContainsFunc(c.report.Taints, func(t event.Taint) bool {
		return t.Effect == event.TaintEffectNoExecute && !s.tolerates(q, c, t)
	})
}

// tolerates says whether the workload tolerates the taint now: the shortest time that
// a matching toleration gives has not passed since the taint was first reported.
func (s *State) tolerates(q *query, c *cluster, t event.Taint) bool {
	limit, ok := toleration(q, t)
	return ok && (limit == 0 || s.observed-c.taintSince(t) < limit)
}

// toleration is for how many ms the taint is tolerated, 0 for ever; false if it is not.
func toleration(q *query, t event.Taint) (limit int64, ok bool) {
	for i := range q.spec.Policy.Tolerations {
		o := &q.spec.Policy.Tolerations[i]
		if !o.Tolerates(t) {
			continue
		}
		ok = true
		if o.Seconds > 0 && t.Effect == event.TaintEffectNoExecute {
			if ms := int64(o.Seconds) * 1000; limit == 0 || ms < limit {
				limit = ms
			}
		}
	}
	return limit, ok
}

// tainted is a NoExecute taint and the observed time of the report that first told it.
type tainted struct {
	Taint event.Taint `json:"taint"`
	Since int64       `json:"since"`
}

func (c *cluster) taintSince(t event.Taint) int64 {
	if at := slices.IndexFunc(c.tainted, func(o tainted) bool { return o.Taint == t }); at >= 0 {
		return c.tainted[at].Since
	}
	return 0
}

// noteTaints keeps since when each NoExecute taint is there, and lets what runs there
// be looked at when one came or went.
func (s *State) noteTaints(c *cluster) {
	var now []tainted
	changed := false
	for _, t := range c.report.Taints {
		if t.Effect != event.TaintEffectNoExecute || slices.ContainsFunc(now, func(o tainted) bool { return o.Taint == t }) {
			continue
		}
		since := s.observed
		if slices.ContainsFunc(c.tainted, func(o tainted) bool { return o.Taint == t }) {
			since = c.taintSince(t)
		} else {
			changed = true
		}
		now = append(now, tainted{t, since})
	}
	changed = changed || len(now) != len(c.tainted)
	c.tainted = now
	if changed {
		s.touchSeats(c)
	}
}

// repelled gives the first taint of the cluster that keeps new replicas away.
func (s *State) repelled(q *query, c *cluster) *event.Taint {
	for i, t := range c.report.Taints {
		if t.Effect != event.TaintEffectPreferNoSchedule && !s.tolerates(q, c, t) {
			return &c.report.Taints[i]
		}
	}
	return nil
}

// leaveAt is the observed time at which what runs on the cluster must leave it though
// nothing is heard: a toleration ends, or the workload's own time-out. 0 for never.
func (s *State) leaveAt(w *workload, c *cluster) int64 {
	at := s.sooner(w.lateAt(c), w.strandedAt(c))
	if own := int64(w.spec.Policy.FailoverSeconds) * 1000; own > 0 && c.suspected && !c.heard {
		at = s.sooner(at, c.seen+own)
	}
	for _, t := range c.tainted {
		if limit, ok := toleration(w.query, t.Taint); ok && limit > 0 {
			at = s.sooner(at, t.Since+limit)
		}
	}
	return at
}

// staying is the query of a workload whose turn to leave has not come.
func (q *query) staying() *query {
	out := *q
	out.patient = true
	return &out
}
