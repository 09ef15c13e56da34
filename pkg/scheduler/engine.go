//go:build !fairlead_next_engine

package scheduler

// Engine is the version of the decision rules, a number that grows. It changes when the
// same state could lead to another decision, so that a replay knows which engine to use
// and an older one does not lead after a newer.
const Engine = "2"

// shunned is what the rules of engine_next.go differ in.
func shunned(*cluster) bool { return false }
