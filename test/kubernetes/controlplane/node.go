package controlplane

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
)

// Node is a machine that exists on paper alone: Ready from the start, with as much as it says. In a
// Full cluster pods are bound to it and run; kwok renews its lease.
type Node struct {
	Name        string
	MilliCPU    int64             // thousandths of a core; zero is 32,000
	MemoryBytes int64             // zero is 128 GiB
	Pods        int64             // zero is 110
	Extended    map[string]int64  // such as "nvidia.com/gpu": 8
	Arch        string            // empty is "amd64"
	Labels      map[string]string // added to hostname, architecture and operating system
	Taints      []Taint
}

// Taint keeps pods that do not tolerate it away.
type Taint struct {
	Key    string `json:"key"`
	Value  string `json:"value,omitempty"`
	Effect string `json:"effect"` // NoSchedule, PreferNoSchedule or NoExecute
}

// Nodes is n nodes of one shape, named prefix-0, prefix-1, …
func Nodes(prefix string, n int, shape Node) []Node {
	nodes := make([]Node, n)
	for i := range nodes {
		nodes[i] = shape
		nodes[i].Name = prefix + "-" + strconv.Itoa(i)
	}
	return nodes
}

// nodeWriters is how many nodes are created at a time; more does not make two cores faster.
const nodeWriters = 8

// AddNodes creates nodes, and returns when the API server has stored all of them.
func (c *Cluster) AddNodes(ctx context.Context, nodes ...Node) error {
	todo := make(chan Node, len(nodes))
	for _, n := range nodes {
		todo <- n
	}
	close(todo)
	failed := make(chan error, len(nodes))
	var writers sync.WaitGroup
	for range min(nodeWriters, len(nodes)) {
		writers.Go(func() {
			for n := range todo {
				if err := c.Admin.Do(ctx, http.MethodPost, "/api/v1/nodes", n.object(), nil); err != nil {
					failed <- fmt.Errorf("add node %s: %w", n.Name, err)
				}
			}
		})
	}
	writers.Wait()
	close(failed)
	var errs []error
	for err := range failed {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// object is the node as the API takes it. A create may carry the status, as a kubelet's does.
func (n Node) object() map[string]any {
	arch := cmp.Or(n.Arch, "amd64")
	labels := map[string]string{
		"kubernetes.io/hostname": n.Name,
		"kubernetes.io/arch":     arch,
		"kubernetes.io/os":       "linux",
	}
	maps.Copy(labels, n.Labels)
	room := n.room()
	return map[string]any{
		"apiVersion": "v1",
		"kind":       "Node",
		"metadata":   map[string]any{"name": n.Name, "labels": labels},
		"spec":       map[string]any{"taints": n.Taints},
		"status": map[string]any{
			"phase":       "Running",
			"capacity":    room,
			"allocatable": room,
			"conditions":  []map[string]string{{"type": "Ready", "status": "True", "reason": "MadeReady"}},
			"addresses":   []map[string]string{{"type": "Hostname", "address": n.Name}},
			"nodeInfo":    map[string]string{"architecture": arch, "operatingSystem": "linux"},
		},
	}
}

func (n Node) room() map[string]string {
	room := map[string]string{
		"cpu":    strconv.FormatInt(cmp.Or(n.MilliCPU, 32_000), 10) + "m",
		"memory": strconv.FormatInt(cmp.Or(n.MemoryBytes, 128<<30), 10),
		"pods":   strconv.FormatInt(cmp.Or(n.Pods, 110), 10),
	}
	for name, amount := range n.Extended {
		room[name] = strconv.FormatInt(amount, 10)
	}
	return room
}
