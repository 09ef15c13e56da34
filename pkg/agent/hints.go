package agent

import (
	"context"
	"sync"
	"time"
)

// hintEvery is the least time between two hints: a rollout changes hundreds of replicas a second,
// and each view is made anew.
const hintEvery = 50 * time.Millisecond

// Hints pass on that something in the cluster changed, from whatever tells an adapter to whoever
// watches. Hints that come close together become one. The zero value is ready for use, by several
// goroutines.
type Hints struct {
	mu      sync.Mutex
	waiting map[chan struct{}]bool
}

// Give wakes everybody who watches; it never blocks.
func (h *Hints) Give() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.waiting {
		select {
		case w <- struct{}{}:
		default: // it is awake already
		}
	}
}

func (h *Hints) join() (wake chan struct{}, leave func()) {
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

// Watch calls changed after every hint until ctx ends; it is an adapter's Orchestrator.Watch.
func (h *Hints) Watch(ctx context.Context, changed func()) error {
	wake, leave := h.join()
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
