// Command sim runs a whole federation in one goroutine from a seed: the real core, the real
// step function of placement, the real agents' protocol and simulated clusters, over a
// log, a network and clocks that are simulated too. A seed that fails fails again, step
// for step.
//
//	go run ./test/sim -seed 42 -v          one history, told step by step
//	go run ./test/sim -seeds 1000          many, on all processors (-all: list all that fail)
//	go run ./test/sim -broken              builds with a fault each: every one must be caught
//
// Begin with world.go: one step is one thing that happens, drawn from the seed. Then
// site.go (a cluster and its agent), leader.go (instances of placement), users.go (what
// people want), operators.go (what they forbid), faults.go (what goes wrong), directed.go
// (orders of events that chance does not come by) and mix.go: each seed draws its own mix
// of all that. After every step books.go and ledger.go hold the log and the checkpoints
// against the laws, with an account of their own that shares nothing with the core; at
// the end rest.go lets all faults end and asks whether everything came to rest where it
// should. broken.go lists the faults that the checks must find.
//
// Nothing here may use a clock, a goroutine or the order of a map.
package main
