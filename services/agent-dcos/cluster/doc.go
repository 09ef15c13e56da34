// Package cluster drives one DC/OS cluster for the agent: it implements agent.Orchestrator by Marathon,
// which is told what to run, and Mesos, which is asked what is free.
//
// # The fence
//
// Main and fence of a workload are written in one step, as a group; a withdrawal writes the group with
// the fence alone, which removes main and leaves the tombstone, in one step as well. So what runs and
// the token that it runs by never part. Apply and Withdraw read the group, compare tokens, and write.
//
// Marathon has no compare-and-swap: between our reading and our writing an agent that is a moment ahead
// may have written a higher token. But it keeps the versions of every app. So after each write the
// versions of the fence that were not there before are read. If one of them carries a higher token, and
// is not on top, it has been written over, and the group is rolled back to it; the command is stale.
// Whoever writes last always looks, so the highest token stays. If it dies in between, the other agent
// sees an object that carries a lower token than it stored, and repairs it.
//
// Three cases remain, all mended by the next look of the agent with the higher token: a request that
// Marathon carries out after its sender died, a version that Marathon no longer keeps, and two writes that
// came in one millisecond, which share a version.
//
// # Locks
//
// A deployment that runs locks its apps, and a write is 409. Apply waits, reading again each time, and
// after Config.ForceAfter halts the deployments in its way if all that they change is of this workload: what
// they would have brought about is no longer wanted. A withdrawal does so at once. A deployment that changes
// anything else is never halted; the command fails, and is tried again until its deadline.
//
// # Refusals
//
// What Marathon finds invalid or forbids is a *agent.Rejection with its own words. Time-outs, 500 and
// locks are errors, which the runtime tries again. Instances without a place would wait in Marathon's
// queue, so Apply also refuses what no node has room for, by a look that may be a second old, and what
// is beyond the quota of Marathon's role, which Mesos would let wait as well.
//
// The package must never change a group in which anything does not carry the labels of this cluster
// and workload, and never remove anything else than its own apps.
//
// Begin reading with Open, then apply.go, write.go and withdraw.go; look.go reads the cluster,
// observe.go makes the view of it.
package cluster
