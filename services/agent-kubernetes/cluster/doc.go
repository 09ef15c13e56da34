// Package cluster drives one Kubernetes cluster for the agent: it implements agent.Orchestrator.
//
// # The fence
//
// The token of the last command is an annotation of the object. Apply reads object and tombstone,
// compares, and applies with the uid and resourceVersion it read: whatever happened in between is a
// conflict, and it reads again. Where there is no object it applies with a version that no object can
// have, so that it creates or fails. Force, which takes fields back from other writers, is used only
// when the plain apply says that others hold them: on an object whose uid, version and token are
// those just compared.
//
// A token dies with its object, so Withdraw first raises a tombstone and then deletes, with uid and
// resourceVersion as preconditions. An Apply that read the tombstone before it was raised finds it
// after its create, and withdraws what it made. Should it die in between, the next view shows an object
// that no command wants, and the runtime removes it. A tombstone is one ConfigMap per workload in the
// agent's own namespace: writers of different workloads never wait for each other, and the agent
// needs no right to read the ConfigMaps of tenants. Tombstones are forgotten after a time that no
// command is delayed by (30 days); only then could a command older than that make an object again.
//
// Deletion is in the foreground: the object stays, as Removed, until its pods are gone. An Apply that
// meets such an object lets it go at once and makes a new one; the old pods end beside the new ones.
//
// # Refusals
//
// A cluster that says no says it as a *agent.Rejection with its own words: quota, permission, invalid
// object, a foreign object of the same name. Time-outs, overload, conflicts and a namespace that is
// being deleted are errors, which the runtime tries again. Pods without a place would stay pending for
// ever, so Apply also refuses what, in a complete view, no node has room for, and what the quota of
// the namespace forbids.
//
// The package must never change an object that does not carry the labels of this cluster, never
// delete without preconditions, and never call a view complete while a watch is down.
//
// Begin reading with Open, then apply.go and withdraw.go; observe.go makes the views, sight.go says
// when they can be believed.
package cluster
