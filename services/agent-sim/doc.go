// Package agentsim simulates clusters, node by node and GPU device by device, behind
// the same seam as a real orchestrator: tests, demos and replays of traces run the real
// agent against them.
//
// A cluster is described by a [Spec], usually read from YAML with [Load], and lives in a
// [Cluster], which outlives its agents: what was applied is kept there. Time moves when
// somebody looks: every method first does what has fallen due. All chance comes from
// the spec's seed.
//
// The package must never overdraw a node: [Cluster.Audit] checks every node after every
// change against what is on it, by a sum of its own. It never talks to the log; the
// agent runtime does, started by [Run].
//
// Begin reading at spec.go, then cluster.go, apply.go and observe.go.
package agentsim
