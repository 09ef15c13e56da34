package simulate

import (
	"context"
	"io"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// Config says what to simulate.
type Config struct {
	File string        // name for errors
	In   io.Reader     // events, one JSON object a line
	Then time.Duration // time that passes after the last event
	Emit func(event.Event) error
	WhatIf
}

// Summary is what was read and decided.
type Summary struct {
	Events    int // facts applied
	Records   int // records of placement made, ticks included
	Skipped   int // records of placement in the input, passed over
	Gaps      int // gaps noted in the input
	Workloads []scheduler.WorkloadView
}

// Run reads all events, decides after each and emits every record in order. What a
// lost cluster says after its loss is passed over, as are recorded policies where
// another takes their place. The error is a *LineError for a line that is no event, an
// *Unknown for a cluster that cannot be lost, or what Emit returned.
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
		if sum.Events == 0 && c.Policy != nil {
			engine.state.Apply(event.Event{Data: c.Policy, At: event.At{Stream: event.Intents}})
		}
		sum.Events++
		if c.passesOver(e, uint64(sum.Events)) {
			continue
		}
		if err := engine.take(e); err != nil {
			return sum, err
		}
	}
	if err := engine.end(ctx, c, sum.Events); err != nil {
		return sum, err
	}
	sum.Records, sum.Skipped, sum.Gaps = int(engine.sequence), in.skipped, in.gaps
	sum.Workloads = engine.state.Workloads()
	return sum, ctx.Err()
}

// end lets the rest of the time pass.
func (g *engine) end(ctx context.Context, c Config, events int) error {
	switch {
	case len(c.Lose) > 0:
		return g.aftermath(ctx, c.Lose, c.Then)
	case c.Then > 0 && events > 0:
		return g.advance(g.now.Add(c.Then))
	}
	return nil
}

// passesOver says whether an event, the nth of the input, does not count.
func (c Config) passesOver(e event.Event, n uint64) bool {
	if _, ok := e.Data.(*event.PolicySet); ok && c.Policy != nil {
		return true
	}
	row, _ := event.Lookup(e.Type())
	if row.By != "agent" {
		return false
	}
	return slices.ContainsFunc(c.Lose, func(l Loss) bool {
		return l.At > 0 && n > l.At && string(l.Cluster) == e.Data.ScopeName()
	})
}
