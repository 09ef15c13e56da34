// Package e2e runs a whole federation over real clusters: three Kubernetes control planes with
// schedulers, controllers and kubelets that kwok plays, an embedded NATS server, the placement service
// and one agent per cluster. Workloads are submitted as any service would, and looked for in the
// clusters as an operator would.
//
// It must never reach into a service: events and queries in, Kubernetes objects out. Begin with
// federation_test.go, then story_test.go.
package e2e
