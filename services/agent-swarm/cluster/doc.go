// Package cluster drives one Docker swarm for the agent: it implements agent.Orchestrator.
//
// # The fence
//
// The token of the last command is a label of the service. Apply reads tombstone and service, compares,
// and updates exactly the version that it read: whatever happened in between is refused by Swarm, and
// it reads again. Where there is no service it creates one, or finds the name taken, and reads again.
//
// Swarm removes a service whatever its version. So a removal has two steps: an update of the version
// that was read marks the service as leaving, and nobody uses a service so marked again; then it is
// removed by its ID, which no later service of the name has. Whoever meets a marked service, after a
// crash say, removes it.
//
// A token dies with its service, so Withdraw first raises a tombstone: one config per workload, of a
// name made from the workload's, whose labels keep the token. An Apply that read the tombstone before it
// was raised finds it after its create, and withdraws what it made. Tombstones are forgotten after a
// time that no command is delayed by (30 days).
//
// A changed job, and a workload that changes its kind, become another service: the old one is removed in
// the same way, with its own token and no tombstone.
//
// # Refusals
//
// A manager that says no says it as a *agent.Rejection with its own words: an invalid specification, a
// missing right. Time-outs, 500 and 503 are errors, which the runtime tries again. Replicas without a
// place would stay pending, so Apply also refuses what no node has room for, by a look that may be a
// second old. Swarm has no quotas; see quota.go for the one that the agent keeps to.
//
// The package must never change a service or config that does not carry the labels of this cluster and
// workload, and never remove a service that is not marked.
//
// Begin reading with Open, then apply.go and withdraw.go; look.go reads the swarm, observe.go makes the
// view of it.
package cluster
