package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

// class is what one replica asks of a node: workloads of one class fit in the same
// places.
type class struct {
	key           string // request and conditions
	conditions    string // what it asks of nodes beside room
	request       event.Resources
	nodes         []event.Requirement
	architectures []string
	tolerations   []event.Toleration
}

func classOf(spec *event.WorkloadSubmitted) *class {
	c := &class{
		request:       spec.Template.Resources,
		nodes:         spec.Policy.Nodes,
		architectures: spec.Template.Architectures,
		tolerations:   spec.Policy.Tolerations,
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d %d", c.request.CPUMilli, c.request.MemoryBytes, c.request.GPUMilli)
	for _, name := range sortedKeys(c.request.Extended) {
		fmt.Fprintf(&b, " %s=%d", name, c.request.Extended[name])
	}
	c.conditions = fmt.Sprintf("%q|%q|%s", c.nodes, c.architectures, tolerationsKey(c.tolerations))
	c.key = b.String() + "|" + c.conditions
	return c
}

// tolerationsKey names what is tolerated; for how long makes no other class.
func tolerationsKey(all []event.Toleration) string {
	var b strings.Builder
	for _, t := range all {
		fmt.Fprintf(&b, "%q%q%q%q;", t.Key, t.Operator, t.Value, t.Effect)
	}
	return b.String()
}

// conditionsOf is the part of a class key that is not the request.
func conditionsOf(key string) string {
	_, conditions, _ := strings.Cut(key, "|")
	return conditions
}

// open says whether nodes of the shape may be used: architecture, labels, taints.
func (c *class) open(shape *event.NodeShape) bool {
	return c.arch(shape) && c.labels(shape) && event.Repelled(shape.Taints, c.tolerations) == nil
}

func (c *class) arch(shape *event.NodeShape) bool {
	return len(c.architectures) == 0 || shape.Arch == "" || slices.Contains(c.architectures, shape.Arch)
}

func (c *class) labels(shape *event.NodeShape) bool {
	for _, r := range c.nodes {
		if !r.Matches(shape.Labels) {
			return false
		}
	}
	return true
}
