package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// Clock tells the store's time: when the last record of a stream was stored, and only
// if nothing was stored since it was last asked, what the server's clock says. State
// asks the server for an account of the whole stream each time, which is not for once
// a second. It is for one goroutine.
type Clock struct {
	newest func(context.Context) (event.At, error)
	server func(context.Context) (time.Time, error)
	last   uint64
}

// Now is the store's time. It may stand still for a moment, but never for long.
func (c *Clock) Now(ctx context.Context) (time.Time, error) {
	at, err := c.newest(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if at.Sequence > c.last {
		c.last = at.Sequence
		return at.Stored, nil
	}
	return c.server(ctx)
}

// Clock gives the clock of the store that keeps a stream.
func (l *Log) Clock(ctx context.Context, s event.Stream) (*Clock, error) {
	handle, err := l.js.Stream(ctx, string(s))
	if err != nil {
		return nil, fmt.Errorf("clock of %s: %w", s, err)
	}
	newest := func(ctx context.Context) (event.At, error) {
		raw, err := handle.GetLastMsgForSubject(ctx, Subjects(s))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return event.At{Stream: s}, nil
		}
		if err != nil {
			return event.At{}, fmt.Errorf("newest of %s: %w", s, err)
		}
		return event.At{Stream: s, Sequence: raw.Sequence, Stored: raw.Time}, nil
	}
	server := func(ctx context.Context) (time.Time, error) {
		info, err := handle.Info(ctx)
		if err != nil {
			return time.Time{}, fmt.Errorf("clock of %s: %w", s, err)
		}
		return info.TimeStamp, nil
	}
	return &Clock{newest: newest, server: server}, nil
}

// Time is what the clock of the server says that leads a stream.
func (l *Log) Time(ctx context.Context, s event.Stream) (time.Time, error) {
	handle, err := l.js.Stream(ctx, string(s))
	if err != nil {
		return time.Time{}, fmt.Errorf("clock of %s: %w", s, err)
	}
	return handle.CachedInfo().TimeStamp, nil
}

// Clock is as Log.Clock.
func (m *Memory) Clock(_ context.Context, s event.Stream) (*Clock, error) {
	newest := func(ctx context.Context) (event.At, error) {
		state, err := m.State(ctx, s)
		return event.At{Stream: s, Sequence: state.Last, Stored: state.Stored}, err
	}
	return &Clock{newest: newest, server: func(context.Context) (time.Time, error) { return m.now(), nil }}, nil
}
