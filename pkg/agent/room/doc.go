// Package room says what fits on a node and what is left of it afterwards, in the
// terms of a capacity report. The agent runtime takes replicas that are not yet bound
// off a report with it, and the simulated clusters choose nodes with it; both follow
// the rule of the core, so that all three mean the same node.
//
// It must never round up: what it leaves free is free. Begin with [Fits] and [Take].
package room
