package stream

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

func infoOf(last uint64, replicas int, created int64) *jetstream.StreamInfo {
	return &jetstream.StreamInfo{
		Config: jetstream.StreamConfig{Replicas: replicas}, Created: time.Unix(created, 0),
		State: jetstream.StreamState{FirstSeq: 1, LastSeq: last, Msgs: last},
	}
}

// A stream of several replicas that ends before what was delivered of it is asked again
// until it does not; what it says for long counts, as does what a single one says.
func TestHorizon(t *testing.T) {
	for name, tc := range map[string]struct {
		seen    uint64
		answers []*jetstream.StreamInfo // the last one again and again
		want    uint64
		asked   int
		took    time.Duration
	}{
		"as far as it was seen":       {9, []*jetstream.StreamInfo{infoOf(9, 3, 1)}, 9, 1, 0},
		"behind for a moment":         {9, []*jetstream.StreamInfo{infoOf(8, 3, 1), infoOf(8, 3, 1), infoOf(10, 3, 1)}, 10, 3, 2 * agreeEvery},
		"behind for good":             {9, []*jetstream.StreamInfo{infoOf(8, 3, 1)}, 8, 31, 3 * time.Second},
		"a single replica is exact":   {9, []*jetstream.StreamInfo{infoOf(8, 1, 1)}, 8, 1, 0},
		"another one, begun anew":     {9, []*jetstream.StreamInfo{infoOf(2, 3, 7)}, 2, 1, 0},
		"nothing was seen of it":      {0, []*jetstream.StreamInfo{infoOf(2, 3, 1)}, 2, 1, 0},
		"one that is gone, then anew": {9, []*jetstream.StreamInfo{infoOf(8, 3, 1), infoOf(1, 3, 7)}, 1, 2, agreeEvery},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHorizon(3 * time.Second)
				h.saw(event.Placements, stateOf(infoOf(0, 3, 1)).Incarnation, tc.seen)
				h.saw(event.Placements, "of another time", 99) // does not count
				asked, began := 0, time.Now()
				look := func(context.Context) (*jetstream.StreamInfo, error) {
					asked++
					return tc.answers[min(asked, len(tc.answers))-1], nil
				}
				st, err := h.settled(t.Context(), event.Placements, look)
				if err != nil || st.Last != tc.want || asked != tc.asked {
					t.Errorf("ends at %d after %d questions (%v), want %d after %d", st.Last, asked, err, tc.want, tc.asked)
				}
				if took := time.Since(began); took != tc.took {
					t.Errorf("took %s, want %s", took, tc.took)
				}
				if st, err = h.settled(t.Context(), event.Placements, look); err != nil || st.Last != tc.want || time.Since(began) != tc.took {
					t.Errorf("asked once more it ends at %d (%v): what is believed is believed", st.Last, err)
				}
			})
		})
	}
}
