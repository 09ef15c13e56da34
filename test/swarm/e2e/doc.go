// Package e2e tells one story of a federation with a real swarm of three nodes beside a simulated cluster: the
// broker, placement and the agents are the real ones.
//
// Begin with story_test.go.
package e2e
