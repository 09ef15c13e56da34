package logtail

import (
	"context"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Log is what is followed: *stream.Log and its twin.
type Log interface {
	State(ctx context.Context, s event.Stream) (stream.StreamState, error)
	Read(ctx context.Context, s event.Stream, from uint64, filter ...string) (*stream.Reader, error)
}

// follower reads one stream into a channel.
type follower struct {
	log    Log
	stream event.Stream
	filter []string // none: every record, so that the end can be seen
	from   uint64
	last   uint64 // stop after this one; 0 follows for ever
	out    chan<- Item
}

// run reads until the context ends, the last record was read or the log fails. A
// gap is told and reading goes on after it.
func (f *follower) run(ctx context.Context) error {
	for {
		gap, err := f.read(ctx)
		if gap == nil {
			return err
		}
		if !f.send(ctx, Item{Gap: gap}) {
			return ctx.Err()
		}
		f.from = gap.To + 1
		if f.last > 0 && f.from > f.last {
			return nil
		}
	}
}

// read reads up to a gap.
func (f *follower) read(ctx context.Context) (*stream.Gap, error) {
	r, err := f.log.Read(ctx, f.stream, f.from, f.filter...)
	if gap, ok := errors.AsType[*stream.Gap](err); ok {
		return gap, nil
	}
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", f.stream, err)
	}
	defer r.Close()
	for {
		batch, err := r.Next(ctx)
		if gap, ok := errors.AsType[*stream.Gap](err); ok {
			return gap, nil
		}
		if err != nil {
			return nil, fmt.Errorf("follow %s: %w", f.stream, err)
		}
		if done, err := f.deliver(ctx, batch); done || err != nil {
			return nil, err
		}
	}
}

func (f *follower) deliver(ctx context.Context, batch []stream.Message) (done bool, err error) {
	for _, m := range batch {
		if f.last > 0 && m.At.Sequence > f.last {
			return true, nil
		}
		if !f.send(ctx, itemOf(m)) {
			return false, ctx.Err()
		}
		f.from = m.At.Sequence + 1
	}
	return f.last > 0 && f.from > f.last, nil
}

func (f *follower) send(ctx context.Context, i Item) bool {
	select {
	case f.out <- i:
		return true
	case <-ctx.Done():
		return false
	}
}
