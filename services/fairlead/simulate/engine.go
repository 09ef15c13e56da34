package simulate

import (
	"strconv"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// instance signs the records.
const instance = "simulate"

// longestGap is the longest silence between two events that is lived through tick
// by tick; a longer one counts as an outage of placement, in which no time passes.
const longestGap = 10 * time.Minute

// engine is placement without a log: what it decides is applied at once.
type engine struct {
	state    *scheduler.State
	period   time.Duration
	now      time.Time
	sequence uint64
	emit     func(event.Event) error

	decided int // decisions made
	lost    map[event.ClusterID]bool
	paused  bool // the guard against mass silence holds evictions back
}

func newEngine(cfg scheduler.Config, emit func(event.Event) error) *engine {
	return &engine{state: scheduler.New(cfg), period: time.Duration(cfg.TickMillis) * time.Millisecond, emit: emit}
}

// take lets time pass up to the event, applies it and decides.
func (g *engine) take(e event.Event) error {
	if e.Time.After(g.now) {
		if err := g.advance(e.Time); err != nil {
			return err
		}
	}
	e.At.Stored = g.now
	g.state.Apply(e)
	return g.decide()
}

// advance records a tick for each period up to a time.
func (g *engine) advance(to time.Time) error {
	if g.sequence == 0 || to.Sub(g.now) > longestGap {
		g.now = to
	}
	if g.sequence == 0 {
		if err := g.record(g.epoch()); err != nil {
			return err
		}
	}
	for {
		g.now = earlier(g.now.Add(g.period), to)
		if err := g.tick(); err != nil {
			return err
		}
		if !g.now.Before(to) {
			return nil
		}
	}
}

func (g *engine) tick() error {
	t := g.state.Tick(g.now)
	if t == nil {
		return nil
	}
	if err := g.record(t); err != nil {
		return err
	}
	return g.decide()
}

func (g *engine) epoch() *event.EpochStarted {
	return &event.EpochStarted{Epoch: 1, Engine: scheduler.Engine, Leader: instance, Positions: g.state.Positions(), Rules: g.state.Config().Rules()}
}

func (g *engine) decide() error {
	for p := g.state.Decide(); p != nil; p = g.state.Decide() {
		if err := g.record(p); err != nil {
			return err
		}
	}
	return nil
}

// record does what the log does: it numbers the record, which is applied then.
func (g *engine) record(p event.Payload) error {
	g.sequence++
	e := event.New(event.PlacementSource(instance), p)
	e.ID = "d_" + strconv.FormatUint(g.sequence, 10)
	e.Time = g.now
	e.At = event.At{Stream: event.Placements, Sequence: g.sequence, Stored: g.now}
	g.state.Apply(e)
	g.note(p)
	return g.emit(e)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
