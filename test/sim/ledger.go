package main

import (
	"context"
	"iter"
	"strings"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/placement"
)

// caughtUp: a leader decides only when it has read what was there before its epoch.
func (b *books) caughtUp(e event.Event, at event.Positions) {
	if at.Intents < b.floor.Intents || at.Status < b.floor.Status || at.Capacity < b.floor.Capacity {
		b.w.fail("record %d: decided from %+v, though %+v was there before its epoch", e.At.Sequence, at, b.floor)
	}
}

// mayDelete: before the whole of its synchronisation has come, an agent takes nothing
// away but what a command of it may have left that was given up: it cannot know what is
// wanted.
func (b *books) mayDelete(p *agentProcess, d agent.Withdrawal) {
	a := b.account(p.s.id)
	if p.machine.Incarnation() != a.incarnation {
		return // it was answered since, or not yet
	}
	if p.heard[d.Token] == d.Workload {
		return
	}
	for n := a.first; n <= a.last; n++ {
		if _, came := p.heard[n]; !came {
			b.w.fail("%s: agent %s withdraws %s, and command %d of its synchronisation has not come", p.s.id, p.name, d.Workload, n)
			return
		}
	}
}

// isOnce says whether a workload of that name may never run twice.
func isOnce(name event.WorkloadName) bool { return strings.HasPrefix(string(name), "once") }

// once: what may run only once is on one cluster, whatever was believed of another.
func (b *books) once(id event.WorkloadID) {
	if !isOnce(id.Name) {
		return
	}
	var on []event.ClusterID
	for _, s := range b.w.living() {
		if s.backup == nil && s.drifted { // somebody made it by hand, or brought it back from the past
			return
		}
		if s.runs(id) {
			on = append(on, s.id)
		}
	}
	if len(on) > 1 {
		b.w.fail("%s may run only once, and is on %v", id, on)
	}
}

// runs says whether anything of a workload is on the nodes of a cluster.
func (s *site) runs(id event.WorkloadID) bool {
	view, err := s.cluster.Observe(s.w.ctx)
	if err != nil {
		return false
	}
	for _, o := range view.Objects {
		if o.Workload == id && (o.Removed || len(o.Bound) > 0) {
			return true
		}
	}
	return false
}

// kept: a checkpoint is what the log gives up to its record, folded from its beginning.
func (b *books) kept() {
	b.w.log.Inject(nil)
	defer b.w.log.Inject(b.w.network)
	for c, err := range b.w.log.Checkpoints(b.w.ctx) {
		if err != nil {
			return // damaged
		}
		p := placement.NewInstance(placement.Config{Log: quiet()}, until{b.w.log, c.Placements}, "checker")
		if err := p.Begin(b.w.ctx); err != nil {
			b.w.fail("fold the log up to record %d: %v", c.Placements, err)
		} else if p.State().Digest() != c.Digest {
			b.w.fail("the checkpoint at record %d is not the fold of the log up to there", c.Placements)
		}
		return
	}
}

// until is the log as it was at a record, before there was any checkpoint.
type until struct {
	*stream.Memory
	last uint64
}

// State shows no record behind the last.
func (u until) State(ctx context.Context, s event.Stream) (stream.StreamState, error) {
	state, err := u.Memory.State(ctx, s)
	if s == event.Placements {
		state.Last = min(state.Last, u.last)
	}
	return state, err
}

// Checkpoints has none.
func (u until) Checkpoints(context.Context) iter.Seq2[stream.Checkpoint, error] {
	return func(func(stream.Checkpoint, error) bool) {}
}
