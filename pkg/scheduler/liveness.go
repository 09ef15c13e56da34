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
	before := s.observed
	s.observed = max(s.observed, d.Observed)
	s.stored = max(s.stored, d.Store)
	s.known.now = s.observed
	for _, c := range s.clusters.sorted {
		if c.heard {
			c.seen, c.heard = s.observed, false
		}
		if s.lull > 0 {
			c.version++ // what its room was worth is a bound: it gets riskier with time
		}
		s.queue.watch(c)
	}
	s.noteSurprises()
	s.queue.counted, s.queue.searched = false, false
	s.maintain(false)
	s.passTime(before)
	s.endClaims()
	s.due()
	s.expireScores()
	s.endSteering()
	s.choose()
	s.lookOn()
}

// silence is the observed time since the last report was covered by a tick.
func (s *State) silence(c *cluster) int64 {
	if c.heard || c.synced == 0 {
		return 0
	}
	return s.observed - c.seen
}

// nextLiveness is what changed about the silence of clusters: first who fell silent
// or was heard again, then whether so many are silent that it may be our own doing,
// and only then who is lost.
func (s *State) nextLiveness() event.Payload {
	if p := s.nextSuspicion(); p != nil {
		return p
	}
	if p := s.nextGuard(); p != nil {
		return p
	}
	return s.nextLost()
}

// nextSuspicion is the next cluster that fell silent or was heard again.
func (s *State) nextSuspicion() event.Payload {
	for {
		c := s.queue.watched()
		if c == nil {
			return nil
		}
		silent, limit := s.silence(c), s.suspectMillis()
		switch {
		case c.left || c.synced == 0:
		case !c.suspected && silent >= limit:
			return &event.ClusterSuspected{Cluster: c.id, Silent: silent, Observed: s.observed, Positions: s.positions}
		case c.suspected && silent < limit:
			return &event.ClusterRecovered{Cluster: c.id, Silent: silent, Observed: s.observed, Positions: s.positions}
		}
		s.queue.unwatch()
	}
}

// massFleet is the smallest fleet in which clusters can fall silent en masse.
const massFleet = 4

// nextGuard tells that evictions stop, because too many clusters are silent together
// for the silence not to be our own, or that they go on. Clusters given up before do
// not count: their silence is no news.
func (s *State) nextGuard() event.Payload {
	if s.queue.counted {
		return nil
	}
	silent, present := 0, 0
	for _, c := range s.clusters.sorted {
		if c.left || c.synced == 0 || c.lost {
			continue
		}
		present++
		if c.suspected {
			silent++
		}
	}
	mass := present >= massFleet && silent*100 > s.failover().MassPercent*present
	if mass != s.paused {
		return &event.EvictionsChanged{Paused: mass, Silent: silent, Clusters: present, Observed: s.observed, Positions: s.positions}
	}
	s.queue.counted = true
	return nil
}

// counted is the silence that counts against a cluster. After a mass silence each one has
// the whole second time-out to be heard again: when the network is mended, most clusters
// come back within moments, but not in the same one.
func (s *State) counted(c *cluster) int64 { return min(s.silence(c), s.observed-s.calm) }

// nextLost is the next cluster to give up.
func (s *State) nextLost() event.Payload {
	if s.queue.searched {
		return nil
	}
	if limit := s.lostMillis(); !s.paused && !s.failover().Disabled {
		for _, c := range s.clusters.sorted {
			if c.suspected && !c.lost && !c.left && s.counted(c) >= limit {
				return &event.ClusterLost{Cluster: c.id, Silent: s.silence(c), Observed: s.observed, Positions: s.positions}
			}
		}
	}
	s.queue.searched = true
	return nil
}

func (s *State) applySuspected(d *event.ClusterSuspected) {
	if c := s.clusters.byName[d.Cluster]; c != nil {
		c.suspected = true
		s.queue.counted = false
		s.touchSeats(c) // some have a time-out of their own
	}
}

func (s *State) applyLost(d *event.ClusterLost) {
	if c := s.clusters.byName[d.Cluster]; c != nil {
		c.lost = true
		s.queue.counted = false
		s.touchSeats(c)
	}
}

func (s *State) applyRecovered(d *event.ClusterRecovered) {
	if c := s.clusters.byName[d.Cluster]; c != nil {
		c.suspected, c.lost = false, false
		c.back = s.observed
		s.queue.counted = false
		s.improved(c)
		s.touchSeats(c)
	}
}

func (s *State) applyEvictions(d *event.EvictionsChanged) {
	s.paused = d.Paused
	if !d.Paused {
		s.calm = s.observed
	}
	s.queue.searched = false
}
