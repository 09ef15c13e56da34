// Package agentdcos is the agent of a DC/OS cluster: it carries out the federation's commands through
// Marathon and reports what Mesos has free and what Marathon runs. Marathon on Mesos without DC/OS is
// driven the same way, given both URLs.
//
// It has never run against a real DC/OS, Marathon or Mesos: none can be had where it is tested.
// It is tested against a double of their protocols, test/dcos/double, which clients that others wrote drive as
// well. Try it on a cluster that may break before one that may not.
//
// It only connects: package adapter of fairlead.dev/pkg/agent is the process, package agent the
// protocol, package cluster is the cluster behind its Orchestrator interface, package manifest maps
// workloads to groups of apps, package reading reads nodes and tasks, packages marathon, mesos and
// dcos are the way there. A command travels agent.Run → cluster.Apply → manifest.Build → a group;
// a task's change comes as an event → cluster.Watch → cluster.Observe → capacity report.
//
// # API calls used
//
//	Marathon, below /service/marathon of the cluster:
//	GET  /v2/info                          version, role; 1.5 or newer
//	GET  /v2/groups/ID?embed=…             a view: apps with counts, deployments and the last failure
//	POST /v2/groups                        a workload that is new
//	PUT  /v2/groups/ID[?force=true]        everything else, in one step; {"version": …} brings one back
//	GET  /v2/apps/ID/versions[/VERSION]    what a write was written over
//	GET  /v2/apps/ID                       whether an app has the path of a group
//	POST /v2/apps, DELETE /v2/apps/ID      tombstones beside what is foreign; old ones
//	GET  /v2/deployments                   whether what holds a lock may be halted
//	GET  /v2/queue                         reasons why offers were declined
//	GET  /v2/events                        hints, as server-sent events
//
//	Mesos, below /mesos: POST /api/v1 with
//	GET_STATE                              nodes, what is allocated there, tasks
//	GET_VERSION, GET_QUOTA                 version; limits of Marathon's role (1.9 or newer)
//	SUBSCRIBE                              hints, as RecordIO with heartbeats
//
//	DC/OS: POST /acs/api/v1/auth/login     a token for a service account's signed statement
//
// The agent's account needs to read the master's state and to change the group that holds its apps;
// in DC/OS Enterprise: dcos:adminrouter:service:marathon full, dcos:adminrouter:ops:mesos full,
// dcos:service:marathon:marathon:services:/fairlead full, dcos:service:marathon:marathon:admin:events
// read, and the master's endpoints.
//
// # Versions
//
// Written to the documents of Marathon 1.5 to 1.11 and of Mesos' v1 operator API, 1.5 to 1.11 (DC/OS 1.10 to
// 2.2). Tried: none, see above. The judges of the double are go-marathon v0.7.1 and mesos-go v0.0.11.
//
// # What cannot be done
//
//   - Jobs: Marathon starts again whatever ends (DC/OS has Metronome for them, which is not driven).
//   - Services that may end, secrets and configuration by reference, shares of a GPU, conditions that
//     compare numbers: see manifest.Lacks. Placement does not choose the cluster for them.
//   - Extended resources, an entry point with GPUs, replicas missing during an update without others on
//     top: such a command is rejected.
//   - Quotas are those of Mesos' roles, for a Marathon that has a role of its own.
//   - Prices and overcommit: neither system knows them. Revocable resources are not offered.
//   - Nodes cannot be chosen, and do not say their architecture: see --arch and --arch-attribute.
//   - Health checks by command need a shell in the image. Ports are on a bridge network.
//   - There is no compare-and-swap; see package cluster for what stands in its place.
//   - Empty groups of withdrawn workloads stay.
//
// The package must never hold anything that the cluster or the log does not: the process may be killed
// at any moment.
//
// Begin reading with Run, then package cluster.
package agentdcos
