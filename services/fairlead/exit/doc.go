// Package exit holds the exit codes of the command line in one table, and the
// mapping from errors to them. A script that calls fairlead can rely on the
// table; no other package may invent a code. Begin with the constants in exit.go.
package exit
