// Package room says what fits on a node and what is left of it afterwards, in the
// terms of a capacity report: the one rule by which the core debits node shapes, the
// agent runtime takes off replicas that are not bound yet, and simulated clusters
// choose nodes. All three mean the same node, in whatever order nodes are listed.
//
// It must never round up (what it leaves free is free), and it is pure: no clock, no
// chance, no I/O. Begin with [Fits] and [Take], then [Groups].
package room
