package cluster

import (
	"context"
	"fmt"

	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

// additional is how many replicas an update adds of the size there is. It is none when the size
// changes: what a rollout frees and takes on the way is Swarm's own affair.
func (c *Cluster) additional(d agent.Desired, m *manifest.Manifest, live *swarm.Service) int {
	if !c.read.Asked(live.Spec.TaskTemplate.Resources).Covers(m.Asked) {
		return 0
	}
	return d.Replicas - manifest.Replicas(live.Spec.Mode)
}

// hasRoom rejects more replicas that would stay pending, by a look that may be a second old.
func (c *Cluster) hasRoom(ctx context.Context, d agent.Desired, m *manifest.Manifest, more int) error {
	if more <= 0 {
		return nil
	}
	s, err := c.glance(ctx)
	if err != nil {
		return err
	}
	all := func(string) bool { return true } // every label of a node is known
	if s.book.Fits(m.Asked, more, func(n *inventory.Node) bool { return n.Suits(d, all) }) {
		return nil
	}
	return &agent.Rejection{
		Reason:  event.RejectReasonCapacity,
		Message: fmt.Sprintf("no nodes with room for %d more replicas", more),
	}
}
