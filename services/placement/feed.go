package placement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// expiryCheck is how long a feed waits for a message that should be there before it
// looks whether retention removed it meanwhile.
const expiryCheck = 3 * time.Second

// feed reads one stream from a cursor on, first up to given places while the state is
// rebuilt, then on and on. What retention removed is stepped over and logged.
type feed struct {
	log    reading
	slog   *slog.Logger
	stream event.Stream
	known  string // incarnation that cursor is a place in
	cursor uint64 // last sequence handed out
	strict bool   // what retention removed is an error, a *stream.Gap
	gate   *gate  // what is heard of each publisher; nil: everything
	reader *stream.Reader
	buffer []heard
}

// through hands out every message up to seq that is still there.
func (f *feed) through(ctx context.Context, seq uint64, give func(heard) error) error {
	for f.cursor < seq {
		batch, err := f.upTo(ctx, seq)
		if err != nil {
			return err
		}
		for _, m := range batch {
			if err := give(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// upTo gives some messages, none of them beyond seq, and keeps the rest.
func (f *feed) upTo(ctx context.Context, seq uint64) ([]heard, error) {
	if len(f.buffer) == 0 {
		if err := f.fill(ctx, seq); err != nil {
			return nil, err
		}
	}
	n := 0
	for n < len(f.buffer) && f.buffer[n].At.Sequence <= seq {
		n++
	}
	batch := f.buffer[:n]
	f.buffer = f.buffer[n:]
	switch {
	case n > 0:
		f.cursor = batch[n-1].At.Sequence
	case len(f.buffer) > 0:
		f.cursor = seq // the next message lies behind seq: those before it are gone
	}
	return batch, nil
}

// fill reads into the buffer, or moves the cursor to seq when nothing up to there is
// kept any more.
func (f *feed) fill(ctx context.Context, seq uint64) error {
	wait, cancel := context.WithTimeout(ctx, expiryCheck)
	defer cancel()
	batch, err := f.next(wait)
	if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		f.buffer = batch
		return err
	}
	state, err := f.log.State(ctx, f.stream)
	if err == nil && state.First > seq {
		if f.strict {
			return &stream.Gap{Stream: f.stream, From: f.cursor + 1, To: state.First - 1}
		}
		f.cursor = seq
		f.close()
	}
	return err
}

// next blocks for at least one message. It may give none after a gap.
func (f *feed) next(ctx context.Context) ([]heard, error) {
	if len(f.buffer) > 0 {
		batch := f.buffer
		f.buffer = nil
		f.cursor = batch[len(batch)-1].At.Sequence
		return batch, nil
	}
	batch, err := f.read(ctx)
	var gap *stream.Gap
	if errors.As(err, &gap) && !f.strict {
		f.slog.Warn("messages are gone that were not read", "stream", gap.Stream, "from", gap.From, "to", gap.To)
		f.cursor = gap.To
		f.close()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return hear(batch, f.gate), nil
}

func (f *feed) read(ctx context.Context) ([]stream.Message, error) {
	if f.reader == nil {
		r, err := f.log.Read(ctx, f.stream, f.cursor+1)
		if err != nil {
			return nil, err
		}
		if found := r.State().Incarnation; found != f.known {
			r.Close()
			return nil, &stream.Incarnation{Stream: f.stream, Known: f.known, Found: found}
		}
		f.reader = r
	}
	batch, err := f.reader.Next(ctx)
	if err != nil && ctx.Err() == nil {
		f.close()
		return nil, fmt.Errorf("read %s after %d: %w", f.stream, f.cursor, err)
	}
	return batch, err
}

// unread puts messages back that were taken and not used.
func (f *feed) unread(messages []heard) {
	if len(messages) > 0 {
		f.buffer = append(slices.Clip(messages), f.buffer...)
		f.cursor = messages[0].At.Sequence - 1
	}
}

// rewind begins anew behind seq, with a gate that stands there.
func (f *feed) rewind(seq uint64, g *gate) {
	f.close()
	f.buffer, f.cursor, f.gate = nil, seq, g
}

func (f *feed) close() {
	if f.reader != nil {
		f.reader.Close()
		f.reader = nil
	}
}
