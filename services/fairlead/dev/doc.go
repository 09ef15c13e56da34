// Package dev runs a whole federation in one process, for trying and developing:
// an embedded NATS server with JetStream on loopback, the placement service, simulated
// clusters and example workloads. It is the same code as in production, started by
// other hands.
//
// It listens on loopback only, keeps its data in a temporary folder unless told
// otherwise, and touches no cluster and no context but those it is given by name.
// When its context ends it stops in order: agents, placement, server.
//
// Begin with Run, then server.go and fleet.go.
package dev
