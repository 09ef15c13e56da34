package agentsim

import (
	"context"
	"errors"
	"sync"
	"time"
)

// watchers are the watches on a cluster. Their lock is their own, so that a hint never
// waits for the cluster.
type watchers struct {
	watching sync.Mutex
	hints    map[chan struct{}]bool
	severed  chan struct{} // closed when the watches so far break
}

func (w *watchers) init() {
	w.hints = map[chan struct{}]bool{}
	w.severed = make(chan struct{})
}

func (w *watchers) notify() {
	w.watching.Lock()
	defer w.watching.Unlock()
	for hint := range w.hints { // the order of hints does not matter
		select {
		case hint <- struct{}{}:
		default: // one is waiting already
		}
	}
}

// subscribe gives a channel of hints, one that closes when the watch breaks, and its end.
func (w *watchers) subscribe() (hints chan struct{}, severed <-chan struct{}, end func()) {
	w.watching.Lock()
	defer w.watching.Unlock()
	hints = make(chan struct{}, 1)
	w.hints[hints] = true
	return hints, w.severed, func() {
		w.watching.Lock()
		defer w.watching.Unlock()
		delete(w.hints, hints)
	}
}

// sever breaks every watch that is open, and loses their hints.
func (w *watchers) sever() {
	w.watching.Lock()
	defer w.watching.Unlock()
	clear(w.hints)
	close(w.severed)
	w.severed = make(chan struct{})
}

var errSevered = errors.New("the watch was severed")

// Watch implements agent.Orchestrator: a hint for every change, also for those that
// come with time.
func (c *Cluster) Watch(ctx context.Context, changed func()) error {
	hints, severed, end := c.watchers.subscribe()
	defer end()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(c.wait())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-severed:
			return errSevered
		case <-timer.C:
		case <-hints:
		}
		changed()
	}
}

// wait is the time until something happens by itself.
func (c *Cluster) wait() time.Duration {
	c.enter()
	defer c.leave(false)
	at, some := c.due()
	if !some {
		return time.Hour
	}
	return max(time.Millisecond, at.Sub(c.at))
}
