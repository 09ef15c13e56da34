// Package live drives the real core, pkg/scheduler, as the placement service and the
// agents of simulated clusters would: hellos, capacity reports, submissions and
// withdrawals go in as events; the records that come out are applied, and the commands
// among them are carried out on nodes that pkg/room chooses. Everything is in memory
// and in one goroutine, so that thousands of decisions take seconds.
//
// It must never help the core: it knows of the fleet what reports say. The clusters
// check every command (numbers without gaps, room that is there) and count what is
// wrong. Begin with [New], then [Fleet.Submit]; site.go is one cluster.
package live
