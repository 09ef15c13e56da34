// Package purity is an analyzer that finds in a package of the pure core what would
// make its result depend on anything but its input: a clock, randomness, goroutines and
// channels, input and output, the order of a map, and floats.
//
// It looks at the package itself. What the package calls elsewhere is kept honest by the
// list of imports it may have: Imports.
package purity
