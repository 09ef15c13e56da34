package simulate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// WhatIf is what shall be otherwise than it was.
type WhatIf struct {
	Policy *event.PolicySet // in place of every policy that was set; nil leaves them
	Lose   []Loss
}

// Loss is a cluster that falls silent for good.
type Loss struct {
	Cluster event.ClusterID
	At      uint64 // after so many events of the input; 0 after the last
}

// ParseLoss reads CLUSTER or CLUSTER@POSITION.
func ParseLoss(text string) (Loss, error) {
	name, at, given := strings.Cut(text, "@")
	if err := event.CheckName(name); err != nil {
		return Loss{}, fmt.Errorf("cluster: %w", err)
	}
	l := Loss{Cluster: event.ClusterID(name)}
	if !given {
		return l, nil
	}
	if _, err := fmt.Sscanf(at, "%d", &l.At); err != nil || l.At == 0 || fmt.Sprint(l.At) != at {
		return l, fmt.Errorf("position %q: want a number from 1", at)
	}
	return l, nil
}

// Unknown is a cluster that shall be lost and is not there.
type Unknown struct{ Cluster event.ClusterID }

func (e *Unknown) Error() string { return fmt.Sprintf("cluster %s is not known", e.Cluster) }

// quietTicks is for how long nothing may be decided until a what-if counts as settled;
// mostTicks bounds it all.
const (
	quietTicks = 5
	mostTicks  = 4 * 60 * 60
	beatTicks  = 5 // between two reports of the clusters that live on
)

// From goes on from a state of the past or of now, which it changes: with the policy in
// place and the clusters lost, until nothing more is decided and then has passed. now
// is the time at which it goes on; Loss.At does not count.
func From(ctx context.Context, state *scheduler.State, now time.Time, what WhatIf, then time.Duration) (Summary, error) {
	g := &engine{state: state, period: time.Duration(state.Config().TickMillis) * time.Millisecond, now: now, sequence: state.Position(),
		emit: func(event.Event) error { return nil }}
	begun := g.sequence
	if what.Policy != nil {
		g.fact(event.Intents, what.Policy)
	}
	err := g.aftermath(ctx, what.Lose, then)
	return Summary{Records: int(g.sequence - begun), Workloads: state.Workloads()}, err
}

// fact applies an event that the simulation makes up.
func (g *engine) fact(s event.Stream, p event.Payload) {
	p0 := g.state.Positions()
	next := map[event.Stream]uint64{event.Intents: p0.Intents, event.Capacity: p0.Capacity, event.Status: p0.Status}[s] + 1
	g.state.Apply(event.Event{Data: p, Time: g.now, At: event.At{Stream: s, Sequence: next, Stored: g.now}})
}

// aftermath lets time pass until everything that follows from the losses is decided:
// the lost clusters are silent, those that were heard before go on reporting what they
// reported last.
func (g *engine) aftermath(ctx context.Context, losses []Loss, then time.Duration) error {
	silent := map[event.ClusterID]bool{}
	for _, l := range losses {
		if g.state.Report(l.Cluster) == nil {
			return &Unknown{l.Cluster}
		}
		silent[l.Cluster] = true
	}
	living := g.living(silent)
	if err := g.decide(); err != nil {
		return err
	}
	least := int(then / g.period)
	for tick, quiet := 0, 0; tick < mostTicks && (tick < least || quiet < quietTicks || !g.given(silent)); tick++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if tick%beatTicks == 0 {
			g.beat(living)
		}
		before := g.decided
		g.now = g.now.Add(g.period)
		if err := g.tick(); err != nil {
			return err
		}
		quiet++
		if g.decided > before {
			quiet = 0
		}
	}
	return nil
}

// living are the clusters that report now and shall go on doing so.
func (g *engine) living(silent map[event.ClusterID]bool) []event.ClusterID {
	var out []event.ClusterID
	for _, c := range g.state.Clusters() {
		switch c.State {
		case scheduler.ClusterReady, scheduler.ClusterCordon, scheduler.ClusterDraining:
			if !silent[c.Cluster] {
				out = append(out, c.Cluster)
			}
		}
	}
	return out
}

// beat repeats the last report of each cluster under the next number.
func (g *engine) beat(living []event.ClusterID) {
	for _, id := range living {
		if r := g.state.Report(id); r != nil {
			again := *r
			again.Report++
			g.fact(event.Capacity, &again)
		}
	}
}

// given says whether every silent cluster has been given up, or never will be.
func (g *engine) given(silent map[event.ClusterID]bool) bool {
	if len(silent) == 0 || g.paused {
		return true
	}
	for id := range silent {
		if !g.lost[id] {
			return false
		}
	}
	return true
}

// note remembers what the settling of a what-if hangs on.
func (g *engine) note(p event.Payload) {
	switch d := p.(type) {
	case *event.PlacementDecided:
		g.decided++
	case *event.ClusterLost:
		if g.lost == nil {
			g.lost = map[event.ClusterID]bool{}
		}
		g.lost[d.Cluster] = true
	case *event.EvictionsChanged:
		g.paused = d.Paused
	}
}
