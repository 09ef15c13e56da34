package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Part is one thing that a process runs: a server, a loop, a connection.
type Part struct {
	Name string
	// Run works until ctx ends, and calls ready once the parts after it may start. It
	// may end by itself: without an error that ends the process in good order.
	Run func(ctx context.Context, ready func()) error
}

// Run starts the parts in order, each once the one before it is ready, and stops them
// in reverse order, each once the one after it has ended, when ctx ends or any part
// does. The stop as a whole may take grace; what has not ended by then is named in the
// error and left behind.
//
// A part that ends because it was told to is no error; every other end is reported
// under the part's name, joined with errors.Join.
func Run(ctx context.Context, grace time.Duration, parts ...Part) error {
	ended := make(chan struct{}, len(parts)) // a word from every part: never blocks
	var running []*process
	for _, part := range parts {
		p := launch(ctx, part, ended)
		running = append(running, p)
		select {
		case <-p.ready:
			continue
		case <-ended:
		case <-ctx.Done():
		}
		return stop(running, grace)
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return stop(running, grace)
}

// process is a part while it runs.
type process struct {
	name   string
	cancel context.CancelFunc
	ready  chan struct{} // closed when the part said so
	done   chan struct{} // closed when Run returned; err is set before
	err    error
}

// launch runs a part under a context of its own: values come from ctx, the end does
// not, because parts end one after the other.
func launch(ctx context.Context, part Part, ended chan<- struct{}) *process {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &process{name: part.Name, cancel: cancel, ready: make(chan struct{}), done: make(chan struct{})}
	ready := sync.OnceFunc(func() { close(p.ready) })
	go func() {
		p.err = part.Run(own, ready)
		close(p.done)
		ended <- struct{}{}
	}()
	return p
}

// stop ends the processes in reverse order within grace and collects what they say.
func stop(running []*process, grace time.Duration) error {
	late := time.NewTimer(grace)
	defer late.Stop()
	var said []error
	patient := true
	for _, p := range slices.Backward(running) {
		p.cancel()
		if patient {
			select {
			case <-p.done:
			case <-late.C:
				patient = false
			}
		}
		said = append(said, p.verdict(grace))
	}
	return errors.Join(said...)
}

// verdict is what a process that was told to stop says by now.
func (p *process) verdict(grace time.Duration) error {
	select {
	case <-p.done:
	default:
		return fmt.Errorf("%s did not stop within %s", p.name, grace)
	}
	if p.err == nil || errors.Is(p.err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("%s: %w", p.name, p.err)
}
