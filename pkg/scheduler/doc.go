// Package scheduler is the pure core of Fairlead: it folds the events of the log
// into a State and says which record the placement log should hold next.
//
// Begin with State (state.go), then Apply (apply.go) and Decide (decide.go). One
// decision runs through the files in this order:
//
//	queue.go turn.go rank.go   which workload is looked at next
//	evaluate.go                what is wanted against what is told, as one decision
//	profile.go quick.go        clusters in order of score, without a look at all
//	index.go winners.go        the order, and who is first in it
//	changes.go                 how it follows what changes
//	check.go check_….go        the hard checks: policy, liveness, capability, price;
//	alike.go                   those that look at reported facts alone
//	score.go prefer.go         what a cluster is worth: price.go, place.go, mix.go,
//	                           external.go, steer.go are its parts
//	surprise.go rivals.go      how likely others take that room first
//	free.go node.go class.go   what fits on which nodes, after reservations
//	select.go groups.go        which clusters and topology groups take part
//	divide.go webster.go       how many replicas each cluster gets
//	assign.go rollout.go       from a division to assignments: moves place first
//	quota.go account.go        what tenants may use, and how much they use
//	record.go seat.go          what a cluster was told and has confirmed: the
//	                           reservation rule
//	resync.go numbers.go       what a rejected command left there; numbers that agents
//	                           hold and the log has lost
//	command.go override.go     the commands that follow from a decision
//
// What changes a decision that stands:
//
//	liveness.go failover.go evict.go once.go   silence, loss, and what may leave when
//	maintenance.go progress.go job.go          windows, deadlines, completion
//	repack.go ages.go                          moves that nothing forces: failback, gain
//	claim.go preempt.go victim.go choose.go    room that is kept or made for who waits
//	wake.go                                    what an event makes worth another look
//
// A look decides nothing by itself: what stands is left alone unless the state calls
// for a change (mayChange in wake.go). So it does not matter when a process looked, and
// one that restores a checkpoint and folds what follows decides the same.
//
// What people ask: explain.go, steps.go, whynot.go, whatif.go, plan.go, list.go and
// the views. What is kept: snapshot.go, written and read by rows in write.go and
// restore.go.
//
// There may be a million workloads. What all have is in few bytes (state.go, seat.go,
// status.go, portion.go), what few have apart (rare.go), and what is alike is there
// once: names in workload and cluster, wishes with all that follows from them (wish.go),
// classes, footprints, charges.
//
// Nobody starves. A workload that waits rises by one level each agingSeconds of
// observed time, and five levels later is among those that are chosen, one at each
// tick, to have the room of one cluster kept: none that does not outrank it by
// priority and by level gets room there until it is placed or the claim runs out. Each
// further claim of it lasts twice as long, so that in the end one outlasts whatever
// runs there (TestNobodyStarves). By the same claim what others give way for is kept
// for the one that displaced them, and counts only once a report shows it.
//
// The package has no clock, no randomness, no goroutine, no I/O, no float and
// never depends on the order of a map. Time arrives as ticks in the log, so
// equal logs give equal states (Digest) and equal decisions, to the byte. Indexes
// and tables of what is known of nodes are caches: they are exact, or what they leave
// out hangs on the state alone, so that a restored state decides the same.
//
// Apply is total: it accepts any event and ignores what contradicts the state.
// Facts of different streams commute. A record of PLACEMENTS is a barrier: the
// positions it carries say which facts were applied before it.
package scheduler
