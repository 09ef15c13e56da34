package scheduler

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
