package scheduler

import "fairlead.dev/pkg/event"

// mostNumber is more command numbers than there will ever be; an agent that claims more
// is not believed, since numbers must go on above what it claims.
const mostNumber = 1 << 52

// behind says whether an agent holds a command number that was never given here: the log
// rolled back and was adopted as it is. Numbers go on above that one, so that fencing
// tokens keep their order, and the cluster is told its whole desired state again; what
// its agent cannot reconcile with that it meets with a hello.
func (s *State) behind(c *cluster, number uint64) bool {
	if number < c.next {
		return false
	}
	if number < mostNumber {
		c.next, c.synced = number+1, 0
		s.improved(c) // the answer is due
	}
	return true
}

// LeaveOut passes over what a restored log left out, up to and including a record: what
// its lost end used these numbers for is not known here. Every command of that end was one
// of its records, so the numbers of each cluster go on as far above, where no agent has
// met one; and each agent is answered anew, since what it holds may be of that end.
func (s *State) LeaveOut(through uint64) {
	if through <= s.position {
		return
	}
	for _, c := range s.clusters.sorted {
		if c.next < mostNumber {
			c.next += through - s.position
		}
		c.synced = 0
		s.improved(c)
	}
	s.advance(event.At{Stream: event.Placements, Sequence: through})
}
