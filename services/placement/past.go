package placement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

// ErrExpired says that the log does not hold any more what is needed to see a state
// of the past: retention removed it, or a stream began anew.
var ErrExpired = errors.New("the log expired by retention")

// NoRecord says that PLACEMENTS has no such record yet.
type NoRecord struct{ Sequence, Last uint64 }

func (e *NoRecord) Error() string {
	return fmt.Sprintf("no record %d: PLACEMENTS ends at %d", e.Sequence, e.Last)
}

// Past is a record of PLACEMENTS and what it was made from.
type Past struct {
	State   *scheduler.State // the records before it and the facts up to its positions
	Record  stream.Message   // as it lies in the log
	Event   event.Event      // the same, decoded
	From    uint64           // position of the checkpoint the fold began with; 0: the beginning of the log
	history *history
}

// Before folds the log up to the record at a sequence of PLACEMENTS, which is not
// applied: from the nearest checkpoint before it, or from the beginning. Nothing is
// written. The errors are *NoRecord, ErrExpired, or that something could not be read.
func Before(ctx context.Context, log Tape, cfg scheduler.Config, seq uint64) (*Past, error) {
	h, err := historyBefore(ctx, log, cfg, seq)
	if err != nil {
		return nil, err
	}
	defer h.close()
	past, err := h.past(ctx, seq)
	if errors.As(err, new(*stream.Gap)) || errors.As(err, new(*stream.Incarnation)) {
		return nil, fmt.Errorf("%w: %w", ErrExpired, err)
	}
	if err != nil {
		return nil, fmt.Errorf("fold the log up to %d: %w", seq, err)
	}
	return past, nil
}

// Latest folds the whole log, as the next leader would, and writes nothing.
func Latest(ctx context.Context, log Tape, cfg scheduler.Config) (*scheduler.State, error) {
	h, err := rebuild(ctx, log, Config{Scheduler: cfg, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	h.close()
	return h.state, nil
}

// historyBefore begins a fold that can reach the record.
func historyBefore(ctx context.Context, log Tape, cfg scheduler.Config, seq uint64) (*history, error) {
	quiet := slog.New(slog.DiscardHandler)
	h := &history{
		log: log, slog: quiet, cfg: Config{Scheduler: cfg, Log: quiet}, strict: true,
		feeds: map[event.Stream]*feed{}, found: map[event.Stream]stream.StreamState{}, final: map[event.Stream]bool{},
	}
	if err := h.look(ctx); err != nil {
		return nil, err
	}
	found := h.found[event.Placements]
	switch {
	case seq == 0 || seq > found.Last:
		return nil, &NoRecord{seq, found.Last}
	case seq < found.First:
		return nil, fmt.Errorf("%w: %w", ErrExpired, &stream.Gap{Stream: event.Placements, From: seq, To: found.First - 1})
	}
	if err := h.beginBefore(ctx, seq); err != nil {
		return nil, err
	}
	h.open()
	return h, nil
}

// beginBefore takes the newest checkpoint of this log and this engine that does not
// hold the record yet; without one, the empty state.
func (h *history) beginBefore(ctx context.Context, seq uint64) error {
	for c, err := range h.log.Checkpoints(ctx) {
		if errors.As(err, new(*stream.Damaged)) {
			continue
		}
		if err != nil {
			return err
		}
		if c.Placements < seq && h.contradicts(c) == nil && h.restore(c) == nil {
			return nil
		}
	}
	if err := h.beginEmpty(); err != nil {
		return fmt.Errorf("%w: %w", ErrExpired, err)
	}
	return nil
}

// past folds up to the record, and up to the facts that it was made from.
func (h *history) past(ctx context.Context, seq uint64) (*Past, error) {
	if err := h.follow(ctx, seq-1); err != nil {
		return nil, err
	}
	h.leaveOut(seq)
	p := &Past{State: h.state, From: h.saved, history: h}
	err := h.feeds[event.Placements].through(ctx, seq, func(m heard) error {
		p.Record = m.Message
		return nil
	})
	if err != nil {
		return nil, err
	}
	if p.Event, err = p.Record.Event(); err != nil {
		return nil, fmt.Errorf("record %d: %w", seq, err)
	}
	if at, ok := event.PositionsOf(p.Event.Data); ok {
		err = h.gather(ctx, p.Event, at)
	}
	return p, err
}
