// Package architecture keeps the rules of the house as tests: who may import whom, what
// the pure core may not do (package purity below), and how long, how named and how
// documented code may be. A rule that a test here does not know is advice.
//
// It reads source and what `go list` says, and runs nothing of the project. Begin
// reading at imports_test.go; style_test.go has the measures.
package architecture
