package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/moby/moby/client"
)

// hurry is how often tasks are looked at while something is on its way.
const hurry = 500 * time.Millisecond

// pace says how often to look.
type pace struct{ restless atomic.Bool }

func (p *pace) set(restless bool) { p.restless.Store(restless) }

// Watch implements agent.Orchestrator: Swarm's events of services and nodes, and a hint at intervals
// since it has none of tasks. Events have no numbers and may be lost; after a break the runtime
// watches again and looks at everything.
func (c *Cluster) Watch(ctx context.Context, changed func()) error {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	work.Go(func() { _ = c.hints.Watch(ctx, changed) })
	work.Go(func() { c.tick(ctx) })
	events := c.api.Events(ctx, client.EventsListOptions{
		Filters: client.Filters{}.Add("scope", "swarm").Add("type", "service", "node"),
	})
	for {
		select {
		case <-events.Messages:
			c.hints.Give()
		case err := <-events.Err:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil {
				err = errors.New("the stream ended")
			}
			return fmt.Errorf("follow events: %w", err)
		}
	}
}

// tick gives hints without an event.
func (c *Cluster) tick(ctx context.Context) {
	again := time.NewTicker(hurry)
	defer again.Stop()
	hinted := time.Now()
	for {
		select {
		case now := <-again.C:
			if c.pace.restless.Load() || now.Sub(hinted) >= c.Poll {
				hinted = now
				c.hints.Give()
			}
		case <-ctx.Done():
			return
		}
	}
}
