package solve

import "math"

// Barred is the cost of a pair that may not be used.
var Barred = math.Inf(1)

// Problem is a transport problem with several resources: every class has an
// amount to place, every unit of it needs Use[class] of the resources of the
// group that takes it, and costs Cost[class][group] there. What no group takes costs Refuse.
// All slices are rectangular; amounts, uses and capacities are not negative.
type Problem struct {
	Demand   []float64   // per class: units to place
	Refuse   []float64   // per class: cost of a unit that is not placed
	Use      [][]float64 // per class: what a unit needs of each resource, or of each resource of each group in turn
	Cost     [][]float64 // per class, group: cost of a unit; Barred where it may not go
	Capacity [][]float64 // per group, resource
}

// Result is an optimum of a problem.
type Result struct {
	Value   float64     // cost of the whole, refused units included
	Placed  [][]float64 // per class, group: units
	Refused []float64   // per class: units not placed
	Dual    [][]float64 // per group, resource: what one more of it would save; never negative
	Pivots  int
	Optimal bool // false when the pivots ran out: Placed is feasible, Dual only near
}

// Minimize solves a problem with at most that many pivots. Equal problems give
// equal results.
func Minimize(p *Problem, pivots int) Result {
	s := newSimplex(p)
	optimal := s.run(pivots)
	return s.result(optimal)
}
