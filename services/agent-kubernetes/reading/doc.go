// Package reading reads Kubernetes' nodes and pods into the small structs of fairlead.dev/pkg/agent/inventory,
// which keeps the sums and makes the shapes of a capacity report.
//
// Free room is allocatable room less the requests of the pods bound to the node. Requests are what
// the scheduler counts (init and sidecar containers, overhead, pod-level resources, resizes under
// way); pods that succeeded or failed ask for nothing; pods that are terminating still do; pods that
// no scheduler has bound yet belong to no node. Room is rounded down, requests are rounded up. A node
// that is not ready, is cordoned or carries a condition's taint is closed.
//
// The package is pure: no clock, no goroutine, no I/O. It must never talk to a cluster, and never count
// usage instead of requests.
//
// Begin reading with FromNode, then FromPod.
package reading
