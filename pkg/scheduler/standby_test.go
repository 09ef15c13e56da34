package scheduler

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

// standby is a second process: it restores a checkpoint that was taken at some record,
// folds what comes after, and looks at nothing until it is asked. Then it must decide
// what the leader does: only so can it take over, and only so does a replay give the
// same bytes.
type standby struct {
	patience int // records that it folds before it is asked; 0: there is none
	folded   int
	state    *State
}

// follow folds an event. At a record without a standby another one begins.
func (b *standby) follow(f *fleet, e event.Event) {
	f.tb.Helper()
	record := e.At.Stream == event.Placements
	switch {
	case b.patience == 0 || b.state == nil && !record:
	case b.state == nil:
		b.restart(f)
	default:
		b.state.Apply(e)
		if record {
			b.folded++
		}
	}
}

func (b *standby) restart(f *fleet) {
	f.tb.Helper()
	state, err := Restore(f.cfg, f.s.Snapshot())
	if err != nil {
		f.tb.Fatal(err)
	}
	b.state, b.folded = state, 1
}

// mustDecide asks the standby for what the leader decides. After that it has looked,
// and another takes its place.
func (b *standby) mustDecide(f *fleet, p event.Payload) {
	f.tb.Helper()
	if b.state == nil || b.folded < b.patience {
		return
	}
	if got, want := fmt.Sprintf("%+v", b.state.Decide()), fmt.Sprintf("%+v", p); got != want {
		f.tb.Fatalf("another process decides otherwise:\n%s\nthe leader:\n%s", got, want)
	}
	b.state = nil
}
