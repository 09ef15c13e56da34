package placement

import (
	"context"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// behind is a log of several replicas, one of which answers that has not yet heard of the
// last records of a stream: until somebody who knows better insists.
type behind struct {
	*stream.Memory
	short    map[event.Stream]uint64 // records that the answer lacks
	insisted int
}

func (b *behind) State(ctx context.Context, s event.Stream) (stream.StreamState, error) {
	state, err := b.Memory.State(ctx, s)
	state.Last -= min(state.Last, b.short[s])
	return state, err
}

func (b *behind) Expect(ctx context.Context, s event.Stream, incarnation string, seen uint64) error {
	b.insisted++
	delete(b.short, s)
	return b.Memory.Expect(ctx, s, incarnation, seen)
}

// A replica that is behind is no log that rolled back, nor is its state another one:
// whatever was recorded or kept in a checkpoint says how far each stream goes.
func TestAReplicaMayBeBehind(t *testing.T) {
	for _, name := range []event.Stream{event.Placements, event.Intents, event.Capacity} {
		t.Run(string(name), func(t *testing.T) {
			s := placed(t)
			pass(s, "web")
			pass(s, "db")
			s.settle()
			s.tick()
			s.deliver()
			if name == event.Placements { // whose end only a checkpoint knows
				c, err := freeze(s.loop.state, s.loop.notes, 0).checkpoint()
				if err != nil {
					t.Fatal(err)
				}
				if err := s.mem.SaveCheckpoint(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			log := &behind{Memory: s.mem, short: map[event.Stream]uint64{name: 2}}
			h, err := rebuild(t.Context(), log, s.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer h.close()
			if h.state.Digest() != s.folded() {
				t.Errorf("the fold is another one")
			}
			if log.insisted == 0 {
				t.Error("nobody insisted")
			}
		})
	}
}
