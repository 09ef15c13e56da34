// Package reading reads Swarm's nodes and tasks into the small structs of fairlead.dev/pkg/agent/inventory,
// which keeps the sums and makes the shapes of a capacity report.
//
// A node's free room is what its engine says the machine has, less what stays reserved for it, less
// the reservations of the tasks that Swarm has given it and that have not ended: what the system and
// containers outside Swarm use, nobody knows. A task that is told to stop holds its room until it
// has. A node that is down, paused or drained is closed. Several engines on one machine each claim
// the whole of it.
//
// The package is pure. It must never talk to a swarm. Begin reading with Node, then Task.
package reading
