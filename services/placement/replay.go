package placement

import (
	"bytes"
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// Replayed is a decision made again.
type Replayed struct {
	Engine   string // that decided then
	Same     bool   // the same bytes came out
	Recorded []byte // the data of the record
	Decided  []byte // the data decided now; empty where nothing would be decided, or the engine is another
}

// SameEngine says whether this program can decide as the one did that recorded it.
func (r Replayed) SameEngine() bool { return r.Engine == scheduler.Engine }

// Replay decides again what the record says, from the state that it was decided on.
// It fails for records that are no decisions.
func (p *Past) Replay() (Replayed, error) {
	d, ok := p.Event.Data.(*event.PlacementDecided)
	if !ok {
		return Replayed{}, fmt.Errorf("record %d is a %s, not a decision", p.Event.At.Sequence, p.Event.Type())
	}
	out := Replayed{Engine: d.Engine, Recorded: p.Record.Data}
	if !out.SameEngine() {
		return out, nil
	}
	again := p.State.Decide()
	if again == nil {
		return out, nil
	}
	r, err := p.shell(d).fitting(again)
	if err == nil && r.msg == nil {
		err = r.encode(nil)
	}
	if err != nil {
		return out, fmt.Errorf("encode %s: %w", again.EventType(), err)
	}
	out.Decided = r.msg.Data
	out.Same = r.msg.Subject == p.Record.Subject && bytes.Equal(r.msg.Data, p.Record.Data)
	return out, nil
}

// shell is the step function as it stood before the record: what the log would not
// hold is turned into a refusal there, as it was then.
func (p *Past) shell(d *event.PlacementDecided) *loop {
	limits := limits{message: p.history.log.Limit(event.Placements), hold: map[refusedDecision]string{}}
	if why, ok := strings.CutPrefix(d.Reason, unrecordable); ok && d.Verdict == event.VerdictHeld {
		limits.hold[refusedDecision{d.ID(), d.Generation}] = why
	}
	return &loop{
		state: p.State, notes: p.history.notes, limits: limits, seen: p.Event.Time,
		me: identity{source: p.Event.Source}, open: &batch{first: p.Event.At.Sequence},
	}
}
