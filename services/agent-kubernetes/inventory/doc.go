// Package inventory knows what a Kubernetes cluster has free. It turns nodes and pods into small
// structs of integers, keeps per node the sum of what its pods ask for, and groups nodes alike into
// the shapes of a capacity report.
//
// Free room is allocatable room less the requests of the pods bound to the node. Requests are what
// the scheduler counts (init and sidecar containers, overhead, pod-level resources, resizes under
// way); pods that succeeded or failed ask for nothing; pods that are terminating still do; pods that
// no scheduler has bound yet belong to no node. Room is rounded down, requests are rounded up. A node
// that is not ready, is cordoned or carries a condition's taint keeps its place in its shape with no
// room, so that a shape does not change its name when a node has a bad minute.
//
// The package is pure: no clock, no goroutine, no I/O. It must never talk to a cluster, never count
// usage instead of requests, and never report room below zero.
//
// Begin reading with Book, then Shapes.
package inventory
