package placement

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

// leadership is the right to append: an epoch record in the log, and what the log held
// when it got there.
type leadership struct {
	identity
	tails cursors
}

// begin records a new epoch behind everything that is in the log, applying what others
// append meanwhile. From the record on, every older leader is deposed.
func begin(ctx context.Context, h *history) (leadership, error) {
	leader := h.cfg.Instance + "-" + strings.ToLower(rand.Text()[:10])
	for {
		me, err := beginAt(ctx, h, leader)
		var moved *stream.Moved
		if !errors.As(err, &moved) {
			if err == nil {
				me.tails, err = tails(ctx, h.log)
			}
			return me, err
		}
		if err := h.look(ctx); err != nil {
			return me, fmt.Errorf("begin epoch: %w", err)
		}
		if err := h.follow(ctx, h.found[event.Placements].Last); err != nil {
			return me, fmt.Errorf("begin epoch: %w", err)
		}
	}
}

// beginAt tries to append the epoch record as the next one.
func beginAt(ctx context.Context, h *history, leader string) (leadership, error) {
	at := h.state.Position() + 1
	positions, streams := h.start()
	me := identity{leader: leader, source: event.PlacementSource(h.cfg.Instance), epoch: h.state.Epoch() + 1, at: at}
	e := event.Event{
		ID: fmt.Sprintf("e_%d", me.epoch), Source: me.source, At: event.At{Stream: event.Placements, Sequence: at},
		Data: &event.EpochStarted{Engine: scheduler.Engine, Epoch: me.epoch, Leader: leader, Positions: positions, Streams: streams},
	}
	b := &batch{first: at}
	b.add(record{event: e, head: true})
	if err := appendFirst(ctx, h.log, b); err != nil {
		return leadership{}, fmt.Errorf("begin epoch %d: %w", me.epoch, err)
	}
	apply(h.state, h.notes, fact{Event: e})
	h.feeds[event.Placements].cursor = at
	return leadership{identity: me}, nil
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
