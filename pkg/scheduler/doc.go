// Package scheduler is the pure core of Fairlead: it folds the events of the log
// into a State and says which record the placement log should hold next.
//
// Begin with State, then Apply (apply.go) and Decide (decide.go). One decision
// runs through the files in this order:
//
//	queue.go     which workload is looked at next
//	evaluate.go  what is wanted against what is told, as one decision
//	check.go     the hard checks: policy, liveness, capability
//	room.go      what fits on which nodes, after reservations
//	divide.go    how many replicas each cluster gets
//	seat.go      what a cluster was told and has confirmed: the reservation rule
//	command.go   the commands that follow from a decision
//
// The package has no clock, no randomness, no goroutine, no I/O, no float and
// never depends on the order of a map. Time arrives as ticks in the log, so
// equal logs give equal states (Digest) and equal decisions, to the byte.
//
// Apply is total: it accepts any event and ignores what contradicts the state.
// Facts of different streams commute. A record of PLACEMENTS is a barrier: the
// positions it carries say which facts were applied before it.
package scheduler
