package cluster

import (
	"context"
	"maps"
	"strconv"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/services/agent-swarm/manifest"
)

// Withdraw implements agent.Orchestrator: first the tombstone, then the service.
func (c *Cluster) Withdraw(ctx context.Context, w agent.Withdrawal) error {
	err := c.raise(ctx, w.Workload, w.Token)
	if err == nil {
		err = insist(func() error { return c.withdraw(ctx, w) })
	}
	if err == nil {
		c.pace.set(true)
		c.hints.Give()
	}
	return refusal(act(err, "withdraw", w.Workload))
}

func (c *Cluster) withdraw(ctx context.Context, w agent.Withdrawal) error {
	live, err := c.service(ctx, c.scheme.Service(w.Workload))
	switch {
	case err != nil:
		return err
	case live == nil || !c.owns(live, w.Workload):
		return nil
	case manifest.Token(live.Spec.Labels) > w.Token:
		return agent.ErrStale
	}
	if !manifest.Leaving(live.Spec.Labels) {
		if err := c.condemn(ctx, live, w.Token); err != nil {
			return err
		}
	}
	return c.remove(ctx, live.ID)
}

// condemn marks exactly the version that was read as one that nobody may use again. Swarm removes a
// service whatever its version: only the mark keeps a removal from taking a newer command with it.
func (c *Cluster) condemn(ctx context.Context, live *swarm.Service, token uint64) error {
	spec := live.Spec
	spec.Labels = maps.Clone(spec.Labels)
	spec.Labels[manifest.LabelToken] = strconv.FormatUint(token, 10)
	spec.Labels[manifest.LabelLeaving] = "true"
	return c.write(ctx, live, spec)
}

// remove removes a condemned service. One that is gone already is as good.
func (c *Cluster) remove(ctx context.Context, id string) error {
	err := c.request(ctx, func(ctx context.Context) error {
		_, err := c.api.ServiceRemove(ctx, id, client.ServiceRemoveOptions{})
		return err
	})
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	return err
}
