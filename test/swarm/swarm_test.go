package swarm

import (
	"testing"

	"fairlead.dev/test/swarm/engine"
)

// TestSwarm is what the contract of every adapter does not ask, on three nodes.
func TestSwarm(t *testing.T) {
	e := engine.Start(t, 3)
	for name, test := range map[string]func(*testing.T, *scene){
		"bad managers":  testBadManagers,
		"unreachable":   testUnreachable,
		"lost answers":  testLostAnswers,
		"removal races": testRemovalRaces,
		"half removed":  testHalfRemoved,
		"tombstones":    testTombstones,
		"TLS":           testTLS,
		"every field":   testFields,
		"jobs":          testJobs,
		"reasons":       testReasons,
		"drift":         testDrift,
		"not ours":      testForeign,
	} {
		t.Run(name, func(t *testing.T) { test(t, newScene(t, e)) })
	}
}
