package placement

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/metric"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// room is what the streams hold and may hold, as it was found a moment ago.
type room map[event.Stream]stream.StreamState

func (r room) step(l *loop) {
	l.warnings = r.warnings()
	l.watch.room(r)
	if l.relieved {
		return // a standby saves them
	}
	for s, need := range map[event.Stream]uint64{event.Placements: l.saved, event.Intents: l.savedFacts.Intents} {
		if runsOut(r[s], need) {
			l.due = true
		}
	}
}

// warnings say what the limits of the streams will do, or do already.
func (r room) warnings() []string {
	var all []string
	for _, s := range append(event.Streams(), stream.DeadLetters) {
		if _, why := r[s].Strain(); why != "" {
			all = append(all, fmt.Sprintf("%s is %s", s, why))
		}
	}
	return all
}

// runsOut says whether a stream that drops its oldest records comes near to what was
// recorded since the last checkpoint, which nobody could rebuild without: more than half
// of what is kept is needed, and the limit is not far. Then a checkpoint is taken before
// its time.
func runsOut(s stream.StreamState, saved uint64) bool {
	b := s.Bounds
	full := b.Bytes > 0 && s.Bytes > b.Bytes/4*3 || b.Messages > 0 && s.Messages > b.Messages/4*3 ||
		b.Age > 0 && s.Stored.Sub(s.Oldest) > b.Age/4*3
	return full && !b.Refuses && s.Last > saved && 2*(s.Last-saved) > s.Messages
}

// measureRoom looks at the streams from time to time. The store gives an account of the
// whole stream each time, which is not for more often.
func (s *shell) measureRoom(ctx context.Context) {
	period := time.NewTicker(s.cfg.RoomEvery)
	defer period.Stop()
	for {
		found := room{}
		for _, name := range append(event.Streams(), stream.DeadLetters) {
			if state, err := s.log.State(ctx, name); err == nil { // one that is away is told by whoever needs it
				found[name] = state
			}
		}
		s.give(ctx, found)
		select {
		case <-period.C:
		case <-ctx.Done():
			return
		}
	}
}

// warn passes on what changed.
func (s *shell) warn(warnings []string) {
	if slices.Equal(warnings, s.warned) {
		return
	}
	for _, w := range warnings {
		if !slices.Contains(s.warned, w) {
			s.cfg.Log.Warn("the log runs out of room", "what", w)
		}
	}
	if len(warnings) == 0 {
		s.cfg.Log.Info("the log has room again")
	}
	s.warned = warnings
	s.cfg.Warn(warnings)
}

// room records what the streams hold and may hold.
func (w *watcher) room(r room) {
	for name, state := range r {
		of := metric.WithAttributes(telemetry.KeyStream.String(string(name)))
		w.stored.Record(context.Background(), int64(state.Bytes), of)
		w.bound.Record(context.Background(), int64(state.Bounds.Bytes), of)
	}
}
