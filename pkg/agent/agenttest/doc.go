// Package agenttest is the one contract suite that every adapter passes, whatever its
// orchestrator: what an agent relies on when it applies, withdraws and observes.
//
// An adapter's test calls [Run] with a [Suite]: how to make an empty cluster and a
// sample workload. The [Cluster] it makes provokes, past the adapter, what happens to
// real clusters: people change objects, watches break, quotas end, names are taken.
//
// The package must never know an orchestrator, and never wait by sleeping: it waits
// for conditions, until a deadline. Begin with cluster.go, then suite.go.
package agenttest
