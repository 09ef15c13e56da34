package scheduler

import "fairlead.dev/pkg/event"

// applyFailover takes up new settings of liveness, failover and maintenance.
func (s *State) applyFailover() {
	s.maintain(true)
	for _, c := range s.clusters.sorted {
		s.improved(c)
		s.queue.watch(c)
		if c.suspected {
			s.touchSeats(c)
		}
	}
	s.queue.counted, s.queue.searched = false, false
}

// failover gives the fleet's settings of liveness, the defaults where it has none.
func (s *State) failover() event.Failover {
	out := event.Failover{}
	if s.fleet != nil && s.fleet.Failover != nil {
		out = *s.fleet.Failover
	}
	if out.EvictionsPerSecond == 0 {
		out.EvictionsPerSecond = s.cfg.Evictions
	}
	if out.MassPercent == 0 {
		out.MassPercent = s.cfg.MassPercent
	}
	return out
}

// suspectMillis is the silence after which nothing new is placed on a cluster.
func (s *State) suspectMillis() int64 {
	if s.fleet != nil && s.fleet.Failover != nil && s.fleet.Failover.SuspectSeconds > 0 {
		return int64(s.fleet.Failover.SuspectSeconds) * 1000
	}
	return s.cfg.SuspectMillis
}

// lostMillis is the silence after which its replicas are placed elsewhere: never
// before it is suspected.
func (s *State) lostMillis() int64 {
	if s.fleet != nil && s.fleet.Failover != nil && s.fleet.Failover.LostSeconds > 0 {
		return max(s.suspectMillis(), int64(s.fleet.Failover.LostSeconds)*1000)
	}
	return max(s.suspectMillis(), s.cfg.LostMillis)
}
