// Package agent holds the tests of the agent runtime against a real broker, with
// simulated clusters and a scripted leader in place of placement: what only a server,
// a restart and a second process can show. The protocol itself has its scripts and
// properties beside it, in pkg/agent.
//
// Begin reading at leader_test.go.
package agent
