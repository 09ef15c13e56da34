// Package manifest maps the portable template to Kubernetes objects and reads them back: a service
// becomes a Deployment, a job an Indexed Job, both with the workload's own name in the namespace of
// its tenant. A virtual machine is refused.
//
// What is mapped how, where there was a choice:
//
//   - CPU becomes a request without a limit: a limit would throttle what nobody else uses, and the
//     request already guarantees the share that placement counted. Memory becomes request and limit:
//     what a replica takes beyond its promise it takes from others. GPUs and extended resources are
//     whole units, limit equal to request, as Kubernetes demands. A share of a GPU is refused.
//   - The health check says when a replica is ready, so it becomes a readiness probe and no liveness
//     probe: a busy replica is taken off traffic, never killed for being busy.
//   - A job counts completions by index, so that its replicas can change while it runs; Kubernetes
//     then wants name and index together within 63 characters, and says so when they are not. Its
//     template cannot change: a changed job is another job, and the cluster package replaces it.
//   - The node shapes debited are not pinned: they would be part of the pod template, and every
//     renewed debit would restart every replica. The runtime takes account of where replicas really are.
//   - Pods get no service account token and no service links: a portable template cannot mean either.
//   - Token, generation and digest are annotations of the object, never of the pod template, so that
//     a new command does not restart anything.
//
// An object's digest says whether it still is what was applied: it covers the fields that our field
// manager owns, and a field that someone else changes is no longer ours. Fields that others add
// (a sidecar, an annotation by "rollout restart") are left to them.
//
// The package is pure. It must never talk to a cluster, and never approximate: what it cannot map
// exactly is a *agent.Rejection.
//
// Begin reading with Build, then pod.go; Reader reads back.
package manifest
