// Package placement is the one writer of the PLACEMENTS stream: it reads what
// services, operators and agents say, folds it into a scheduler.State, and appends
// what the state decides.
//
// Reading direction: [Run] (run.go) connects and opens the log; rebuild.go folds the
// log into a state. From there an instance is a standby, and then perhaps the leader;
// both are step functions, without goroutine, clock or I/O: one input in, effects out.
// standby.go follows the leader and claim.go takes the lead, by the hints of vigil.go;
// attend.go is its shell. loop.go is the leader and shell.go its shell, with read.go
// (facts) and chain.go (appends) as its two busy ends. gate.go says how much of one publisher is
// heard, yard.go how many dead letters of it are kept. The way of one record through the
// leader is facts.go → decide.go → batch.go → settle.go. company.go is what instances
// know of each other; instance.go lets a simulation drive both step functions by hand.
//
// It must never: decide outside of scheduler.State, append anything that does not
// carry on the chain of expected sequences, change a record once it was applied, lead
// without having read its own epoch in the log, or take time from a clock (time is
// recorded, see ticks in loop.go; the hint that nobody leads is the one exception).
//
// # When it stops with ErrRolledBack
//
// INTENTS or PLACEMENTS hold less than the service has seen before: the store lost
// acknowledged messages, or a stream was deleted and made again. Going on would
// forget what tenants asked for and repeat command numbers, so nothing is decided.
// The way out, in this order (docs/failures.md): put back the store that holds more;
// restore a backup, whose streams say what they continue (stream.Lineage), so that a
// plain start goes on (docs/adr/0024); if there is none, start once with Config.AdoptLog,
// which rebuilds from what the log holds now and records an epoch with the new
// incarnations. Agents say hello then, and are told their whole desired state; command
// numbers go on above what they hold (docs/adr/0018). A checkpoint that is ahead of the
// log is refused in the same way, and dropped by adopting the log.
//
// CAPACITY and STATUS may lose their end, since agents repeat what is in them: a new
// incarnation is recorded in the next epoch and read on.
package placement
