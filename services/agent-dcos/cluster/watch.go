package cluster

import (
	"context"
	"sync"
)

// Watch implements agent.Orchestrator: Marathon's events and Mesos' at once. Neither can be taken up
// where it ended: when one breaks both end, the runtime looks at everything, and watches again.
func (c *Cluster) Watch(ctx context.Context, changed func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var work sync.WaitGroup
	work.Go(func() { _ = c.hints.Watch(ctx, changed) })
	work.Go(func() { cancel(c.marathon.Events(ctx, c.hints.Give)) })
	work.Go(func() { cancel(c.mesos.Events(ctx, c.hints.Give)) })
	work.Wait()
	return context.Cause(ctx)
}
