package placement

import (
	"context"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// leadership is the right to append: an epoch record in the log, and what the log held
// when it got there.
type leadership struct {
	identity
	tails cursors
}

// appendFirst appends one batch and settles an unknown outcome by reading the tail.
func appendFirst(ctx context.Context, log Tape, b *batch) error {
	messages, err := b.messages()
	if err != nil {
		return err
	}
	for {
		_, _, err := log.Appender(b.first-1).Append(ctx, messages).Wait(ctx)
		var unknown *stream.Unknown
		if !errors.As(err, &unknown) {
			return err
		}
		records, err := log.Tail(ctx, event.Placements, b.first)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			continue // not there: the same bytes again, at the same place
		}
		if b.records[0].sameAs(records[0]) {
			return nil
		}
		return &stream.Moved{Stream: event.Placements, Expected: b.first - 1, Text: "another record stands there"}
	}
}

// tails is where the streams of facts end now; 0 where nothing is kept.
func tails(ctx context.Context, log Tape) (cursors, error) {
	out := cursors{}
	for _, s := range factStreams {
		state, err := log.State(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("begin epoch: %w", err)
		}
		if state.Messages > 0 {
			out[s] = state.Last
		}
	}
	return out, nil
}
