// Package agentswarm is the agent of a Docker swarm: it carries out the federation's commands there and
// reports what the swarm has free and what it runs.
//
// It only connects: package adapter of fairlead.dev/pkg/agent is the process, package agent the protocol,
// package cluster is the swarm behind its Orchestrator interface, package manifest maps workloads to
// services, package reading reads nodes and tasks. A command travels agent.Run → cluster.Apply →
// manifest.Build → service create or update; a task's change is seen by looking: cluster.Watch →
// cluster.Observe → capacity report.
//
// # API calls used
//
//	GET    /_ping, /version                      negotiation, version; API 1.41 or newer
//	GET    /nodes, /tasks, /services             a view: everything, every time
//	GET    /events?scope=swarm                   hints of services and nodes
//	POST   /services/create                      a name that is taken is 409: read again
//	POST   /services/ID/update?version=N         the fence: a version that is not the newest is refused
//	DELETE /services/ID                          of a service marked as leaving; 404 is success
//	GET    /configs, /configs/NAME               tombstones, the quota
//	POST   /configs/create, /configs/ID/update   tombstones
//	DELETE /configs/ID                           old tombstones
//
// The agent needs a manager, and all of its rights: Docker's API has no smaller ones. A proxy in front
// of it can narrow them to the calls above.
//
// # Versions tried
//
// Client github.com/moby/moby/client v0.6.2 (Apache-2.0; it speaks 1.40 to 1.56) against Docker 20.10.24
// (API 1.41), as Debian 12 packages it: test/swarm. Newer engines negotiate a newer API; they have not
// been tried.
//
// # What cannot be done
//
//   - Secrets and configuration as environment variables, health checks by port, shares of a GPU,
//     services that may end, conditions on nodes beyond In with one value and NotIn: see
//     manifest.Lacks. Placement does not choose the cluster for them.
//   - Prices and overcommit: Swarm knows neither. Quotas: Swarm has none, so the agent reads its own
//     limit from a config, see package cluster.
//   - Nodes cannot be chosen: Swarm spreads replicas over the nodes that fit.
//   - Several engines on one machine each report all of it.
//   - Private registries: services are made without credentials; nodes must have their own.
//   - Events are of services and nodes, never of tasks, and carry no position: tasks are polled.
//   - Swarm removes a service at once. While its tasks end the workload is reported as being removed.
//   - A swarm restored from a backup brings back services and tombstones of then; the agent finds old
//     tokens on them and applies again what placement says.
//
// The package must never hold anything that the swarm or the log does not: the process may be killed at
// any moment.
//
// Begin reading with Run, then package cluster.
package agentswarm
