package doctor

import (
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func TestReachOfTheLog(t *testing.T) {
	at := func(placements, intents, status, capacity uint64) stream.Checkpoint {
		return stream.Checkpoint{
			Placements: placements, Positions: event.Positions{Intents: intents, Status: status, Capacity: capacity},
			Streams: map[event.Stream]string{event.Placements: "one"},
		}
	}
	from := func(placements, intents, status, capacity uint64) map[event.Stream]stream.StreamState {
		return map[event.Stream]stream.StreamState{
			event.Placements: {First: placements, Last: 100, Incarnation: "one"}, event.Intents: {First: intents, Last: 100},
			event.Status: {First: status, Last: 100}, event.Capacity: {First: capacity, Last: 100},
		}
	}
	anew := from(1, 1, 1, 1)
	anew[event.Placements] = stream.StreamState{First: 1, Incarnation: "two"}
	const advice = ": raise the streams' age or size, or take checkpoints more often"
	for name, c := range map[string]struct {
		kept   checkpoints
		states map[event.Stream]stream.StreamState
		want   Finding
	}{
		"a new federation": {checkpoints{}, from(1, 1, 1, 1),
			Finding{Grade: OK, Detail: "none yet, a start reads the log from its beginning"}},
		"no checkpoint, and no beginning": {checkpoints{}, from(1, 8, 1, 1),
			Finding{Grade: Warn, Detail: "none yet, a start reads the log from its beginning; a start from there would miss records: INTENTS no longer holds 1 to 7" + advice}},
		"the log reaches back": {checkpoints{sound: 5, oldest: at(50, 60, 70, 80)}, from(51, 61, 71, 81),
			Finding{Grade: OK, Detail: "5, the oldest at 50"}},
		"one short of it": {checkpoints{sound: 5, oldest: at(50, 60, 70, 80)}, from(52, 61, 71, 90),
			Finding{Grade: Warn, Detail: "5, the oldest at 50; a start from there would miss records: CAPACITY no longer holds 81 to 89, PLACEMENTS no longer holds 51 to 51" + advice}},
		"another stream": {checkpoints{sound: 1, oldest: at(50, 60, 70, 80)}, anew,
			Finding{Grade: Warn, Detail: "1, at 50; a start from there would miss records: PLACEMENTS was made anew since" + advice}},
		"a damaged one": {checkpoints{sound: 1, damaged: 1, oldest: at(50, 60, 70, 80)}, from(1, 1, 1, 1),
			Finding{Grade: Warn, Detail: "1, at 50, 1 damaged"}},
	} {
		c.want.Check = "checkpoints"
		if got := c.kept.judge(c.states); got != c.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, c.want)
		}
	}
}
