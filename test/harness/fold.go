package harness

import (
	"context"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

// Fold makes the state of a checkpoint from the whole log, without the checkpoint and
// without any code of the service: every record after the facts that it names.
func Fold(ctx context.Context, log *stream.Log, c stream.Checkpoint) (*scheduler.State, error) {
	s := scheduler.New(scheduler.DefaultConfig())
	rest := map[event.Stream][]stream.Message{}
	for _, name := range event.Streams() {
		var err error
		if rest[name], err = log.Tail(ctx, name, 1); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	through := func(p event.Positions) {
		for _, at := range []struct {
			stream event.Stream
			seq    uint64
		}{{event.Intents, p.Intents}, {event.Status, p.Status}, {event.Capacity, p.Capacity}} {
			for len(rest[at.stream]) > 0 && rest[at.stream][0].At.Sequence <= at.seq {
				if e, err := rest[at.stream][0].Event(); err == nil {
					s.Apply(e)
				}
				rest[at.stream] = rest[at.stream][1:]
			}
		}
	}
	for _, m := range rest[event.Placements] {
		if m.At.Sequence > c.Placements {
			break
		}
		e, err := m.Event()
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", m.At.Sequence, err)
		}
		if p, ok := event.PositionsOf(e.Data); ok {
			through(p)
		}
		s.Apply(e)
	}
	through(c.Positions)
	return s, nil
}
