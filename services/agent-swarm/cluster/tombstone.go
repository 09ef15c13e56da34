package cluster

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

// labelWithdrawn says, on a tombstone, when it was last raised, in RFC 3339.
const labelWithdrawn = manifest.Prefix + "withdrawn"

// tombstone is the token of the workload's last withdrawal; 0 for none.
func (c *Cluster) tombstone(ctx context.Context, w event.WorkloadID) (uint64, error) {
	stone, err := c.stone(ctx, w)
	if err != nil || stone == nil {
		return 0, err
	}
	return tokenOf(stone)
}

// stone reads the tombstone; nil if there is none.
func (c *Cluster) stone(ctx context.Context, w event.WorkloadID) (*swarm.Config, error) {
	stone, err := c.config(ctx, c.scheme.Tombstone(w))
	if err != nil {
		return nil, fmt.Errorf("read tombstone: %w", err)
	}
	return stone, nil
}

// config reads a config by its name; nil if there is none.
func (c *Cluster) config(ctx context.Context, name string) (*swarm.Config, error) {
	var found client.ConfigInspectResult
	err := c.request(ctx, func(ctx context.Context) (err error) {
		found, err = c.api.ConfigInspect(ctx, name, client.ConfigInspectOptions{})
		return err
	})
	switch {
	case cerrdefs.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case found.Config.Spec.Name != name: // its ID begins so
		return nil, nil
	}
	return &found.Config, nil
}

// tokenOf fails for what it cannot read: to take it for nothing would open the fence.
func tokenOf(stone *swarm.Config) (uint64, error) {
	token, err := strconv.ParseUint(stone.Spec.Labels[manifest.LabelToken], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read tombstone %s: %w", stone.Spec.Name, err)
	}
	return token, nil
}

// raise sets the workload's tombstone to at least token.
func (c *Cluster) raise(ctx context.Context, w event.WorkloadID, token uint64) error {
	err := insist(func() error { return c.raiseOnce(ctx, w, token) })
	if err != nil {
		return fmt.Errorf("raise tombstone: %w", err)
	}
	return nil
}

func (c *Cluster) raiseOnce(ctx context.Context, w event.WorkloadID, token uint64) error {
	stone, err := c.stone(ctx, w)
	if err != nil {
		return err
	}
	if stone == nil {
		return moved(c.request(ctx, func(ctx context.Context) error {
			_, err := c.api.ConfigCreate(ctx, client.ConfigCreateOptions{Spec: c.newStone(w, token)})
			return err
		}))
	}
	if had, err := tokenOf(stone); err != nil || had >= token {
		return err
	}
	spec := stone.Spec
	spec.Labels = raised(spec.Labels, token)
	return moved(c.request(ctx, func(ctx context.Context) error {
		_, err := c.api.ConfigUpdate(ctx, stone.ID, client.ConfigUpdateOptions{Version: stone.Version, Spec: spec})
		return err
	}))
}

func (c *Cluster) newStone(w event.WorkloadID, token uint64) swarm.ConfigSpec {
	return swarm.ConfigSpec{
		Annotations: swarm.Annotations{Name: c.scheme.Tombstone(w), Labels: raised(c.scheme.Labels(w), token)},
		Data:        []byte("The labels keep the fencing token of a withdrawn workload.\n"), // Swarm wants some
	}
}

func raised(labels map[string]string, token uint64) map[string]string {
	labels = maps.Clone(labels)
	labels[manifest.LabelToken] = strconv.FormatUint(token, 10)
	labels[labelWithdrawn] = time.Now().UTC().Format(time.RFC3339)
	return labels
}

// sweepEvery is how often old tombstones are looked for.
const sweepEvery = time.Hour

// sweep removes old tombstones until ctx ends. What fails is tried again an hour later.
func (c *Cluster) sweep(ctx context.Context) {
	again := time.NewTicker(sweepEvery)
	defer again.Stop()
	for {
		select {
		case now := <-again.C:
			if err := c.Sweep(ctx, now); err != nil && ctx.Err() == nil {
				c.Log.Warn("old tombstones are still there", "err", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Sweep removes the tombstones of workloads withdrawn longer than Config.Keep before now.
func (c *Cluster) Sweep(ctx context.Context, now time.Time) error {
	var all client.ConfigListResult
	err := c.request(ctx, func(ctx context.Context) (err error) {
		all, err = c.api.ConfigList(ctx, client.ConfigListOptions{Filters: c.ours()})
		return err
	})
	if err != nil {
		return fmt.Errorf("list tombstones: %w", err)
	}
	for _, stone := range all.Items {
		withdrawn, err := time.Parse(time.RFC3339, stone.Spec.Labels[labelWithdrawn])
		w, ours := c.scheme.Owner(stone.Spec.Labels)
		if err != nil || !ours || stone.Spec.Name != c.scheme.Tombstone(w) || now.Sub(withdrawn) <= c.Keep {
			continue
		}
		err = c.request(ctx, func(ctx context.Context) error {
			_, err := c.api.ConfigRemove(ctx, stone.ID, client.ConfigRemoveOptions{})
			return err
		})
		if err != nil && !cerrdefs.IsNotFound(err) {
			return fmt.Errorf("remove tombstone %s: %w", stone.Spec.Name, err)
		}
	}
	return nil
}
