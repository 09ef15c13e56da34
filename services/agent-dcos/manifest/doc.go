// Package manifest maps the portable template to Marathon apps and reads them back.
//
// A workload is a group of two apps, GROUP/tenant/workload: "main", which runs, and "fence", which never
// does: it has no instances, and its labels keep the fencing token, generation and hash. The token is
// not on the app that runs because Marathon counts a changed label as another app, and would restart
// every replica for a new number. Both are written in one step, as a group. A group whose fence alone is
// left is the tombstone of a withdrawn workload.
//
// What is mapped how, where there was a choice:
//
//   - The image runs in Docker's containerizer, or in Mesos' own if GPUs are asked for, which alone gives
//     them. An entry point is Docker's parameter of that name; Mesos' own containerizer has none.
//   - CPU and memory are what Mesos offers and takes away in thousandths and MiB: memory is rounded up.
//     Disk is not asked for.
//   - Ports are container ports on a bridge, with any port of the host. A health check's port that is
//     not among them is added.
//   - A health check's command is run by the container's shell, quoted: Marathon knows no other.
//     Checks by port are Mesos' own, done on the node.
//   - Conditions on nodes are constraints on attributes: In is LIKE, NotIn UNLIKE, Exists and
//     DoesNotExist the same with any value. UNLIKE takes nodes without the attribute, as NotIn does.
//   - Replicas that may run on top during an update make it go one at a time, a new one first. Marathon's
//     limits are shares of the replicas, and to change them restarts all, so nothing closer is possible.
//
// What has no honest counterpart is in Lacks, and reported, so that placement does not choose the
// cluster for it; where there is no word for it, it is a *agent.Rejection.
//
// A native part, "dcos", is a Marathon app as it is, under the same fence: id, instances and the labels
// of ours are set, conditions on nodes added, and cpus, mem and gpus are what the workload's resources say if
// the app does not say them, and no more than those if it does.
//
// Whether main still is what was applied tells its version. The fence changes with every write of ours,
// and gets its version; main gets the same one, or keeps an older one. A newer one is somebody else's.
//
// The package is pure. It must never talk to a cluster, and never approximate.
//
// Begin reading with Build, then app.go; Read reads back.
package manifest
