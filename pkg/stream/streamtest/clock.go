package streamtest

import (
	"errors"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// clock tells when the newest record was stored, once, and then what the server's clock
// says, which does not stand still where nothing is stored.
func clock(t *testing.T, s Subject) {
	ctx := within(t)
	begin := time.Now().Add(-time.Second) // one machine, but let its clock be set
	c, err := s.Clock(ctx, event.Intents)
	must(t, err)
	now := func() time.Time {
		t.Helper()
		at, err := c.Now(ctx)
		must(t, err)
		return at
	}
	empty := now()
	if empty.Before(begin) {
		t.Fatalf("the clock of an empty stream says %s, it is past %s", empty, begin)
	}
	publish(t, s, 2)
	state, err := s.State(ctx, event.Intents)
	must(t, err)
	equal(t, "with a new record", now().Equal(state.Stored), true)
	later := now()
	equal(t, "with no other goes on", later.After(state.Stored), true)
	equal(t, "and on", now().Before(later), false)
	s.Purge(event.Intents, 2)
	equal(t, "when nothing is kept", now().Before(later), false)
}

func checkpointsDropped(t *testing.T, s Subject) {
	ctx := within(t)
	none, err := s.DropCheckpoints(ctx, func(stream.Checkpoint) bool { return true })
	must(t, err)
	equal(t, "dropped of none", none, 0)
	for _, at := range []uint64{1, 2, 3} {
		must(t, s.SaveCheckpoint(ctx, checkpoint(at)))
	}
	equal(t, "there is one to damage", s.Damage(3), true)
	dropped, err := s.DropCheckpoints(ctx, func(c stream.Checkpoint) bool { return c.Placements > 1 })
	must(t, err)
	equal(t, "dropped", dropped, 1)
	var kept, damaged int
	for c, err := range s.Checkpoints(ctx) {
		if errors.As(err, new(*stream.Damaged)) {
			damaged++
			continue
		}
		must(t, err)
		equal(t, "kept", c.Placements, 1)
		kept++
	}
	equal(t, "kept", kept, 1)
	equal(t, "damaged ones stay", damaged, 1)
	must(t, s.SaveCheckpoint(ctx, checkpoint(2))) // a place that was dropped may be saved again
}
