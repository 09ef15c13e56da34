package placement

import (
	"context"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// read moves one stream of facts into the loop. Dead letters are stored before the
// loop passes them, so that none is lost by a crash.
func (s *shell) read(ctx context.Context, f *feed) {
	pause := backoff{}
	for ctx.Err() == nil {
		messages, err := f.next(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if fatal := lost(f.stream, err); fatal != nil {
				s.give(ctx, failed{fatal})
				return
			}
			s.cfg.Log.Warn("read again", "stream", f.stream, "why", err)
			pause.wait(ctx)
			continue
		}
		pause = backoff{}
		got, dead := sift(f.stream, messages)
		for _, d := range dead {
			s.bury(ctx, d)
		}
		if len(messages) > 0 {
			f.cursor = got.through
			s.loop.watch.reading(got)
			s.give(ctx, got)
		}
	}
}

// lost says whether an error of a reader means that its stream lost what it held, and
// what the leader does about it: agents repeat CAPACITY and STATUS, nobody repeats
// INTENTS.
func lost(s event.Stream, err error) error {
	if !errors.As(err, new(*stream.Incarnation)) && !errors.As(err, new(*stream.RolledBack)) {
		return nil
	}
	if s == event.Intents {
		return fmt.Errorf("%w: %w", ErrRolledBack, err)
	}
	return fmt.Errorf("%w: %w", errRebuild, err)
}

// bury stores a dead letter, however long that takes.
func (s *shell) bury(ctx context.Context, d letter) {
	s.loop.watch.buried(d.message.At.Stream, d.why)
	for pause := (backoff{}); ctx.Err() == nil; pause.wait(ctx) {
		err := s.log.DeadLetter(ctx, d.message, d.why.Error())
		if err == nil {
			return
		}
		s.cfg.Log.Warn("dead letter not stored", "stream", d.message.At.Stream, "sequence", d.message.At.Sequence, "why", err)
	}
}
