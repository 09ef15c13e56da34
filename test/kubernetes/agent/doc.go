// Package agent tests the Kubernetes agent's cluster package against real API servers: the contract of
// every adapter, on a bare API server where each write can be seen, and on a full control plane where
// replicas run; then what is Kubernetes' own: field managers, permissions, namespaces, quotas, jobs,
// servers that stop.
//
// It is a module apart from fairlead.dev/test/kubernetes, so that what we require never changes a
// version in the control plane binary. It must never use a fake client. Begin with scene_test.go.
package agent
