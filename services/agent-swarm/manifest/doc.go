// Package manifest maps the portable template to Swarm services and reads them back: a service
// becomes a replicated service, a job a replicated job.
//
// What is mapped how, where there was a choice:
//
//   - CPU becomes a reservation without a limit: a limit would throttle what nobody else uses, and the
//     reservation already guarantees the share that placement counted. Memory becomes reservation and
//     limit: what a replica takes beyond its promise it takes from others. GPUs and extended resources
//     are generic resources, in whole units.
//   - A health check is a command run in the container; Swarm knows no other. Swarm counts a replica as
//     running once it passes, and replaces one that fails.
//   - Update limits: with a surge alone new replicas start first, that many at a time; otherwise old ones
//     stop first, as many at a time as may be missing. Both limits hold either way.
//   - Conditions on nodes become constraints, which Swarm joins by and: In with one value, and NotIn.
//     Architectures become platforms, which it joins by or. Only Linux nodes are asked for.
//   - Ports are where a replica listens; publishing them is not part of the template. They are kept as
//     a label of the containers.
//   - The image is not looked up in a registry by us: every node pulls it by the reference given.
//
// What has no honest counterpart is in Lacks, and reported, so that placement does not choose the cluster
// for it; what comes all the same is a *agent.Rejection.
//
// A service's digest says whether it still is what was applied: it covers all of the specification
// that is not ours alone (token, generation), not the replicas, and not Swarm's counter of forced
// updates.
//
// The package is pure. It must never talk to a swarm, and never approximate.
//
// Begin reading with Build, then task.go; Read reads back.
package manifest
