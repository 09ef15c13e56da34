package scheduler

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"
)

// witness fails a random history. The history and the numbers go to the log, and the
// failure names the law alone: the search for a shorter history goes on only while the
// failure reads the same.
type witness struct {
	*rapid.T
	f *fleet
}

// Fatalf tells what happened and fails.
func (w *witness) Fatalf(format string, args ...any) {
	w.Helper()
	w.Logf("%s\n"+format, append([]any{w.f.history()}, args...)...)
	w.Fatal("broken: " + format)
}

// history is the log as a person would note it, without the ticks in a row.
func (f *fleet) history() string {
	var b strings.Builder
	ticks := 0
	for _, e := range f.log {
		if _, isTick := e.Data.(*event.PlacementTicked); isTick {
			ticks++
			continue
		}
		if ticks > 0 {
			fmt.Fprintf(&b, "(%d ticks)\n", ticks)
			ticks = 0
		}
		if e.At.Stream == event.Placements {
			fmt.Fprintln(&b, tellOne(e.Data))
			continue
		}
		data, err := json.Marshal(e.Data, json.Deterministic(true))
		fmt.Fprintf(&b, "%s %d %s %s %v\n", e.At.Stream, e.At.Sequence, e.Data.EventType(), data, err)
	}
	return b.String()
}
