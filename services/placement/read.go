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
	pause, yard := backoff{}, yard{}
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
			s.bury(ctx, &yard, d)
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

// bury stores a dead letter, however long that takes, unless its publisher has too many.
func (s *shell) bury(ctx context.Context, yard *yard, d letter) {
	keep, last := yard.admit(d.message)
	s.loop.watch.buried(d.message.At.Stream, d.why, keep)
	if !keep {
		return
	}
	if last {
		who, _ := publisherOf(d.message.At.Stream, d.message.Subject)
		s.cfg.Log.Warn("dead letters of one publisher are counted from here on, and few are kept", "stream", d.message.At.Stream, "of", who)
		d.why = fmt.Errorf("%w; of what follows from %s few letters are kept, all stands in %s", d.why, who, d.message.At.Stream)
	}
	for pause := (backoff{}); ctx.Err() == nil; pause.wait(ctx) {
		err := s.log.DeadLetter(ctx, d.message, d.why.Error())
		if err == nil {
			return
		}
		s.cfg.Log.Warn("dead letter not stored", "stream", d.message.At.Stream, "sequence", d.message.At.Sequence, "why", err)
	}
}
