// Package steering is what the core and a solver say to each other about cost: the
// core gives a [Summary] of the fleet, the solver beside the log makes a plan of it,
// which is recorded as steering.planned and followed by decisions while it holds.
//
// Begin with Summary. The package is pure and in integers: what is computed in floats
// is in pkg/steering/solve, which the core never imports.
package steering
