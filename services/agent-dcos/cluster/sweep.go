package cluster

import (
	"context"
	"fmt"
	"time"

	"fairlead.dev/services/agent-dcos/manifest"
)

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

// Sweep removes the tombstones of workloads withdrawn longer than Config.Keep before now. Their groups
// stay, empty: Marathon removes a group with whatever has come into it.
func (c *Cluster) Sweep(ctx context.Context, now time.Time) error {
	sites, err := c.sites(ctx)
	if err != nil {
		return fmt.Errorf("list tombstones: %w", err)
	}
	for w, site := range sites {
		if site.Main != nil || !site.Withdrawn() {
			continue
		}
		withdrawn, err := time.Parse(time.RFC3339, site.Fence.Labels[manifest.LabelWithdrawn])
		if err != nil || now.Sub(withdrawn) <= c.Keep {
			continue
		}
		if err := c.marathon.DeleteApp(ctx, c.scheme.Fence(w)); err != nil {
			return fmt.Errorf("remove tombstone of %s: %w", w, err)
		}
	}
	return nil
}
