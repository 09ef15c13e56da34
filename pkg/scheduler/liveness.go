package scheduler

import (
	"time"

	"fairlead.dev/pkg/event"
)

// Observed time is the sum of recorded ticks. A cluster's silence counts from the
// first tick that covers its last report, so that an outage of the broker or of
// placement, in which no tick is recorded, makes nobody silent.

// Tick builds the next tick: at most one period after the last, never past the
// largest store time seen; nil if time did not advance.
func (s *State) Tick(store time.Time) *event.PlacementTicked {
	now := store.UnixMilli()
	if s.stored == 0 { // the first tick of a log begins to count
		return &event.PlacementTicked{Observed: s.observed, Store: now, Positions: s.positions}
	}
	step := min(now-s.stored, s.cfg.TickMillis)
	if step <= 0 {
		return nil
	}
	return &event.PlacementTicked{Observed: s.observed + step, Store: now, Positions: s.positions}
}

func (s *State) applyTick(d *event.PlacementTicked) {
	s.observed = max(s.observed, d.Observed)
	s.stored = max(s.stored, d.Store)
	for _, c := range s.clusters.sorted {
		if c.heard {
			c.seen, c.heard = s.observed, false
		}
		s.queue.watch(c)
	}
	s.due()
	s.expireScores()
}

// silence is the observed time since the last report was covered by a tick.
func (s *State) silence(c *cluster) int64 {
	if c.heard || c.synced == 0 {
		return 0
	}
	return s.observed - c.seen
}

// nextLiveness is the next cluster that fell silent or was heard again.
func (s *State) nextLiveness() event.Payload {
	for {
		c := s.queue.watched()
		if c == nil {
			return nil
		}
		silent := s.silence(c)
		switch {
		case c.left || c.synced == 0:
		case !c.suspected && silent >= s.cfg.SuspectMillis:
			return &event.ClusterSuspected{Cluster: c.id, Silent: silent, Observed: s.observed, Positions: s.positions}
		case c.suspected && silent < s.cfg.SuspectMillis:
			return &event.ClusterRecovered{Cluster: c.id, Silent: silent, Observed: s.observed, Positions: s.positions}
		}
		s.queue.unwatch()
	}
}

func (s *State) applySuspected(d *event.ClusterSuspected) {
	if c := s.clusters.byName[d.Cluster]; c != nil {
		c.suspected = true
	}
}

func (s *State) applyRecovered(d *event.ClusterRecovered) {
	if c := s.clusters.byName[d.Cluster]; c != nil {
		c.suspected = false
		s.improved(c)
	}
}
