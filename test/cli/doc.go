// Package cli runs the built fairlead against a real `fairlead dev`, as an operator
// would: by command lines, reading what is printed and the exit codes. It knows
// nothing of the program's insides.
//
// Begin with TestOperator in operator_test.go; the harness is in binary_test.go.
package cli
