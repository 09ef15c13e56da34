package cluster

import (
	"context"
	"sync"
	"time"
)

// hintEvery is the least time between two hints: a rollout changes hundreds of pods a second, and
// each view is made anew.
const hintEvery = 50 * time.Millisecond

// hints passes on that something changed. Hints that come close together become one.
type hints struct {
	mu      sync.Mutex
	waiting map[chan struct{}]bool
}

// give wakes everybody who waits; it never blocks.
func (h *hints) give() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.waiting {
		select {
		case w <- struct{}{}:
		default: // it is awake already
		}
	}
}

func (h *hints) join() (wake chan struct{}, leave func()) {
	wake = make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		h.waiting = map[chan struct{}]bool{}
	}
	h.waiting[wake] = true
	return wake, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.waiting, wake)
	}
}

// Watch implements agent.Orchestrator.
func (c *Cluster) Watch(ctx context.Context, changed func()) error {
	wake, leave := c.hints.join()
	defer leave()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-wake:
			changed()
		case <-ctx.Done():
			return ctx.Err()
		}
		pause.Reset(hintEvery)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
