//go:build fairlead_next_engine

package scheduler

// Engine is that of a build for tests of upgrades: one check differs from the rules of
// engine.go. Nothing new is placed on a cluster of this name.
const Engine = "3"

func shunned(c *cluster) bool { return c.id == "shunned-by-the-next" }
