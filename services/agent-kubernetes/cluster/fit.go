package cluster

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/manifest"
	"fairlead.dev/services/agent-kubernetes/reading"
)

// additional is how many replicas an update adds of the size there is. It is none when the size
// changes: what a rollout frees and takes on the way is the Deployment's own affair.
func (c *Cluster) additional(d agent.Desired, m *manifest.Manifest) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.current(key{m.Resource, m.Namespace, m.Name})
	if o == nil || !o.Asked.Covers(m.Asked) {
		return 0
	}
	return d.Replicas - o.Wanted
}

// hasRoom rejects more replicas that would stay pending. It looks at the cluster as the watches
// show it, and says nothing while they do not.
func (c *Cluster) hasRoom(d agent.Desired, m *manifest.Manifest, more int) error {
	if more <= 0 || !c.sight.clear() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.withinQuota(m, more); err != nil {
		return err
	}
	if c.book.Fits(m.Asked, more, c.suits(d)) {
		return nil
	}
	return &agent.Rejection{
		Reason:  event.RejectReasonCapacity,
		Message: fmt.Sprintf("no nodes with room for %d more replicas", more),
	}
}

func (c *Cluster) withinQuota(m *manifest.Manifest, more int) error {
	for _, q := range c.quotas {
		if q.name.Namespace != m.Namespace {
			continue
		}
		for resource, left := range q.left {
			if need := int64(more) * reading.Amount(m.Asked, corev1.ResourceName(resource)); need > left {
				return &agent.Rejection{
					Reason:  event.RejectReasonQuota,
					Message: fmt.Sprintf("quota %s leaves %d of %s, %d more replicas need %d", q.name, left, resource, more, need),
				}
			}
		}
	}
	return nil
}

// suits says which nodes the workload may run on. Conditions on labels that are not kept count as
// met: what we cannot judge we do not refuse.
func (c *Cluster) suits(d agent.Desired) func(*inventory.Node) bool {
	kept := slices.Concat(reading.StandardLabels, c.NodeLabels)
	known := func(label string) bool { return slices.Contains(kept, label) }
	return func(n *inventory.Node) bool { return n.Suits(d, known) }
}
