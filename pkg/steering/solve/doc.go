// Package solve finds the cheapest way to place classes of requests on groups of
// clusters, as a linear program.
//
// Begin with Plan (plan.go), then Problem and Minimize (problem.go). The package computes in floats and
// is therefore never imported by the core; pkg/steering turns its answer into
// integers, which are recorded. It has no clock, no goroutine and no randomness.
package solve
