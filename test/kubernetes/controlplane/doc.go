// Package controlplane starts real Kubernetes control planes on loopback, as child processes of the
// one binary that ../build.sh builds. A bare cluster is etcd and kube-apiserver: validation,
// admission, RBAC, server-side apply, watches. A Full one adds kube-controller-manager,
// kube-scheduler and kwok, which plays the kubelet of every node, so that Deployments become pods
// and pods run.
//
// It is there because no fake behaves like the API server where it matters to us: stale versions,
// field managers, finalizers, admission policies, permissions, watches that break.
//
// The package uses the standard library only, so that any test or program may start clusters
// whatever Kubernetes client it has, or none. It must never listen beyond loopback, never outlive
// its parent, never depend on the machine's own Kubernetes settings, and never be imported by the
// product.
//
// Begin reading with Config, then Start and Resume. arguments (components.go) has every flag and its
// reason; stages.yaml says how pods behave, and the annotations by which a pod chooses. Tests start
// clusters through package controlplanetest, which skips or fails when the binary is missing.
package controlplane
