// Package agentkubernetes is the agent of a Kubernetes cluster: it carries out the federation's
// commands there and reports what the cluster has free and what it runs.
//
// It only connects: package agent of fairlead.dev/pkg is the protocol, package cluster is Kubernetes
// behind its Orchestrator interface, package manifest maps workloads to objects, package inventory
// counts what is free. A command travels agent.Run → cluster.Apply → manifest.Build → server-side
// apply; a pod's change travels informer → inventory.Book → cluster.Observe → capacity report.
//
// It must never hold anything that the cluster or the log does not: the process may be killed at any
// moment. The rights it needs are in deploy/kubernetes/rbac.yaml. How it behaves against a real API
// server is tested in test/kubernetes/agent and test/kubernetes/e2e.
//
// Begin reading with Run, then package cluster.
package agentkubernetes
