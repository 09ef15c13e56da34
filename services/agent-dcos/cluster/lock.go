package cluster

import (
	"context"
	"net/http"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/dcos"
	"fairlead.dev/services/agent-dcos/marathon"
)

// The waits for a lock: doubled from the first to the last, for lockFor in all. The runtime then begins
// again, until the command's deadline.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = time.Second
	lockFor   = 15 * time.Second
)

// insist reads and writes again while the workload is locked, or somebody else made its group meanwhile. After
// some time it may halt the deployments that hold the lock.
func (c *Cluster) insist(ctx context.Context, w event.WorkloadID, forceAfter time.Duration, once func(force bool) error) error {
	began, wait, force := time.Now(), firstWait, false
	for {
		err := once(force)
		if !dcos.Is(err, http.StatusConflict) || time.Since(began) > lockFor {
			return err
		}
		if held := marathon.Locked(err); !force && len(held) > 0 && time.Since(began) >= forceAfter {
			may, unsure := c.mayHalt(ctx, w, held)
			if unsure != nil {
				return unsure
			}
			if force = may; force {
				c.Log.Info("halting a deployment of the same workload", "workload", w.String(), "deployments", held)
				continue
			}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
		wait = min(lastWait, 2*wait)
	}
}

// mayHalt says whether deployments change nothing but the workload. One that has ended meanwhile is no
// obstacle, and nothing to halt.
func (c *Cluster) mayHalt(ctx context.Context, w event.WorkloadID, held []string) (bool, error) {
	running, err := c.marathon.Deployments(ctx)
	if err != nil {
		return false, err
	}
	ours := []string{c.scheme.Main(w), c.scheme.Fence(w)}
	foreign := func(app string) bool { return !slices.Contains(ours, app) }
	there := false
	for _, d := range running {
		if !slices.Contains(held, d.ID) {
			continue
		}
		if there = true; len(d.AffectedPods) > 0 || slices.ContainsFunc(d.AffectedApps, foreign) {
			return false, nil
		}
	}
	return there, nil
}
