package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// checkpoints looks whether placement can begin at each checkpoint that is kept: the
// streams must still hold what came after it.
func (e *examination) checkpoints(ctx context.Context) {
	if e.outside() {
		e.note("checkpoints", Hidden, "operators see what is kept")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	log, err := stream.Open(ctx, e.nc, e.options())
	if err != nil {
		e.note("checkpoints", Bad, "%v", err)
		return
	}
	kept, err := readCheckpoints(ctx, log)
	if err == nil {
		var states map[event.Stream]stream.StreamState
		if states, err = readStates(ctx, log); err == nil {
			e.findings = append(e.findings, kept.judge(states))
			return
		}
	}
	if !errors.As(err, new(*stream.Absent)) { // its absence is told already
		e.note("checkpoints", Bad, "%v", err)
	}
}

// checkpoints is what is kept: how many, how many of them damaged, and where the oldest
// sound one stands.
type checkpoints struct {
	sound, damaged int
	oldest         stream.Checkpoint // without its state
}

func readCheckpoints(ctx context.Context, log *stream.Log) (checkpoints, error) {
	var kept checkpoints
	for c, err := range log.Checkpoints(ctx) { // newest first
		switch {
		case errors.As(err, new(*stream.Damaged)):
			kept.damaged++
		case err != nil:
			return kept, err
		default:
			c.State = nil
			kept.sound++
			kept.oldest = c
		}
	}
	return kept, nil
}

func readStates(ctx context.Context, log *stream.Log) (map[event.Stream]stream.StreamState, error) {
	states := map[event.Stream]stream.StreamState{}
	for _, s := range event.Streams() {
		state, err := log.State(ctx, s)
		if err != nil {
			return nil, err
		}
		states[s] = state
	}
	return states, nil
}

// judge compares what is kept with where each stream begins. Without a checkpoint the
// streams must hold their beginning, as the oldest of none stands at 0.
func (k checkpoints) judge(states map[event.Stream]stream.StreamState) Finding {
	p := k.oldest.Positions
	var gone []string
	for _, s := range []struct {
		name event.Stream
		at   uint64
	}{{event.Intents, p.Intents}, {event.Status, p.Status}, {event.Capacity, p.Capacity}, {event.Placements, k.oldest.Placements}} {
		state := states[s.name]
		if known := k.oldest.Streams[s.name]; known != "" && !state.Means(known, s.at) {
			gone = append(gone, fmt.Sprintf("%s was made anew since", s.name))
		} else if state.First > s.at+1 {
			gone = append(gone, fmt.Sprintf("%s no longer holds %d to %d", s.name, s.at+1, state.First-1))
		}
	}
	f := Finding{Check: "checkpoints", Grade: OK, Detail: k.String()}
	if k.damaged > 0 {
		f.Grade = Warn
	}
	if len(gone) > 0 {
		f.Grade = Warn
		f.Detail += "; a start from there would miss records: " + strings.Join(gone, ", ") + ": raise the streams' age or size, or take checkpoints more often"
	}
	return f
}

func (k checkpoints) String() string {
	var text string
	switch k.sound {
	case 0:
		text = "none yet, a start reads the log from its beginning"
	case 1:
		text = fmt.Sprintf("1, at %d", k.oldest.Placements)
	default:
		text = fmt.Sprintf("%d, the oldest at %d", k.sound, k.oldest.Placements)
	}
	if k.damaged > 0 {
		text += fmt.Sprintf(", %d damaged", k.damaged)
	}
	return text
}
