package placement

import (
	"context"
	"iter"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Tape is the log as this service needs it: a stream.Log, or its twin stream.Memory.
type Tape interface {
	reading
	appending
	keeping
}

// reading is where streams end, what is in them and what fits.
type reading interface {
	State(context.Context, event.Stream) (stream.StreamState, error)
	Expect(ctx context.Context, s event.Stream, incarnation string, seen uint64) error
	Limit(event.Stream) int
	Read(ctx context.Context, s event.Stream, from uint64, filter ...string) (*stream.Reader, error)
	Clock(context.Context, event.Stream) (*stream.Clock, error)
}

// appending is the chain of PLACEMENTS and the look at its end.
type appending interface {
	Appender(last uint64) *stream.Appender
	Tail(ctx context.Context, s event.Stream, from uint64) ([]stream.Message, error)
}

// keeping is what lies beside the streams of facts and records.
type keeping interface {
	Checkpoints(context.Context) iter.Seq2[stream.Checkpoint, error]
	SaveCheckpoint(context.Context, stream.Checkpoint) error
	DropCheckpoints(ctx context.Context, drop func(stream.Checkpoint) bool) (int, error)
	DeadLetter(ctx context.Context, m stream.Message, reason string) error
}
