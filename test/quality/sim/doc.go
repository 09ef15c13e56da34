// Package sim packs the pods of a trace onto its nodes in memory, one after the other,
// as published schedulers would: the peers that Fairlead is measured against. Nothing
// departs. An [Input] is what is packed, a [Policy] who packs, an [Outcome] what came
// of it; all policies see the same input.
//
// It must never be used for Fairlead's own figures: those go through pkg/scheduler
// (package core). Begin with [Input], then [Run], then peers.go.
package sim
