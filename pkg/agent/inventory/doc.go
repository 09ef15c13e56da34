// Package inventory knows what a cluster has free, whatever its orchestrator: adapters turn nodes
// and running replicas into its small structs of integers; it keeps per node the sum of what is
// claimed there, and groups nodes alike into the shapes of a capacity report.
//
// A [Node] that takes nothing new for a while (not ready, drained, under pressure) keeps its place
// in its shape with no room, so that a shape does not change its name when a node has a bad minute.
//
// The package is pure: no clock, no goroutine, no I/O. It must never talk to a cluster, never count
// usage instead of requests, and never report room below zero.
//
// Begin reading with Book, then Shapes.
package inventory
