package scheduler

import "fairlead.dev/pkg/event"

// Decide gives the record that PLACEMENTS should hold next, nil if nothing is to
// be done. The caller applies it before it asks again. In order: commands that an
// earlier record owes, answers to agents, liveness, workloads.
//
// Decide does not change the state. It may settle caches that say which workloads
// are worth a look; the decisions do not depend on them.
func (s *State) Decide() event.Payload {
	s.catchUp()
	if p := s.nextOwed(); p != nil {
		return p
	}
	if p := s.nextAnswer(); p != nil {
		return p
	}
	if p := s.nextLiveness(); p != nil {
		return p
	}
	if d := s.nextDecision(); d != nil {
		return d
	}
	if d := s.nextMove(); d != nil {
		return d
	}
	return nil
}

// nextAnswer answers the first cluster whose agent said hello.
func (s *State) nextAnswer() event.Payload {
	if !s.queue.greeted {
		return nil
	}
	for _, c := range s.clusters.sorted {
		if c.hello > c.synced && !c.left {
			n := uint64(len(c.desired()))
			return &event.CommandSynchronise{
				Cluster: c.id, Incarnation: c.hello, Epoch: s.epoch,
				First: c.next, Through: c.next + n - 1, Positions: s.positions,
			}
		}
	}
	s.queue.greeted = false
	return nil
}

// nextDecision looks at workloads in order of priority, then age.
func (s *State) nextDecision() *event.PlacementDecided {
	s.wake()
	for {
		w := s.head()
		if w == nil {
			return nil
		}
		if d := s.evaluate(w); d != nil {
			return d
		}
		s.settled(w)
	}
}
