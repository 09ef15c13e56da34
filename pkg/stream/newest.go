package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// Newest tells where a stream ends and when that record was stored, by reading the
// record alone: State asks the server for an account of the whole stream, which is not
// for once a second.
type Newest struct {
	at func(context.Context) (event.At, error)
}

// At is the place of the last record; its sequence is 0 when nothing is kept.
func (n *Newest) At(ctx context.Context) (event.At, error) { return n.at(ctx) }

// Newest gives the means to ask for the last record of a stream again and again.
func (l *Log) Newest(ctx context.Context, s event.Stream) (*Newest, error) {
	handle, err := l.js.Stream(ctx, string(s))
	if err != nil {
		return nil, fmt.Errorf("newest of %s: %w", s, err)
	}
	return &Newest{func(ctx context.Context) (event.At, error) {
		raw, err := handle.GetLastMsgForSubject(ctx, Subjects(s))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return event.At{Stream: s}, nil
		}
		if err != nil {
			return event.At{}, fmt.Errorf("newest of %s: %w", s, err)
		}
		return event.At{Stream: s, Sequence: raw.Sequence, Stored: raw.Time}, nil
	}}, nil
}

// Newest is as Log.Newest.
func (m *Memory) Newest(_ context.Context, s event.Stream) (*Newest, error) {
	return &Newest{func(ctx context.Context) (event.At, error) {
		state, err := m.State(ctx, s)
		return event.At{Stream: s, Sequence: state.Last, Stored: state.Stored}, err
	}}, nil
}
