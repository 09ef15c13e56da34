package simulate

import (
	"context"
	"io"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"time"
)

// Config says what to simulate.
type Config struct {
	File string        // name for errors
	In   io.Reader     // events, one JSON object a line
	Then time.Duration // time that passes after the last event
	Emit func(event.Event) error
}

// Summary is what was read and decided.
type Summary struct {
	Events    int // facts applied
	Records   int // records of placement made, ticks included
	Skipped   int // records of placement in the input, passed over
	Gaps      int // gaps noted in the input
	Workloads []scheduler.WorkloadView
}

// Run reads all events, decides after each and emits every record in order. The
// error is a *LineError for a line that is no event, or what Emit returned.
func Run(ctx context.Context, c Config) (Summary, error) {
	in := newReader(c.File, c.In)
	engine := newEngine(scheduler.DefaultConfig(), c.Emit)
	var sum Summary
	for ctx.Err() == nil {
		e, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return sum, err
		}
		if err := engine.take(e); err != nil {
			return sum, err
		}
		sum.Events++
	}
	if c.Then > 0 && sum.Events > 0 {
		if err := engine.advance(engine.now.Add(c.Then)); err != nil {
			return sum, err
		}
	}
	sum.Records, sum.Skipped, sum.Gaps = int(engine.sequence), in.skipped, in.gaps
	sum.Workloads = engine.state.Workloads()
	return sum, ctx.Err()
}
