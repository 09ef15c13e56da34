package laws

import (
	"iter"
	"maps"

	"fairlead.dev/pkg/event"
)

func keys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// placements reads the records of the leaders, each after the facts that it was made from.
func (c *check) placements() {
	facts := newFacts(c.Log)
	reign := &reign{c: c}
	ids := map[string]uint64{}
	for _, e := range c.Log[event.Placements] {
		if first, twice := ids[e.ID]; twice {
			c.Double++
			c.broken("PLACEMENTS holds %s at %d and at %d", e.ID, first, e.At.Sequence)
		}
		ids[e.ID] = e.At.Sequence
		if p, ok := event.PositionsOf(e.Data); ok {
			facts.through(p, c.fact)
		}
		reign.record(e)
		c.record(e)
	}
	facts.rest(c.fact)
}

// facts hands out what the leaders had read when they recorded.
type facts struct {
	left map[event.Stream][]event.Event
}

func newFacts(log map[event.Stream][]event.Event) *facts {
	return &facts{map[event.Stream][]event.Event{event.Status: log[event.Status], event.Capacity: log[event.Capacity]}}
}

func (f *facts) through(p event.Positions, give func(event.Event)) {
	f.upTo(event.Status, p.Status, give)
	f.upTo(event.Capacity, p.Capacity, give)
}

func (f *facts) rest(give func(event.Event)) {
	f.upTo(event.Status, 1<<63, give)
	f.upTo(event.Capacity, 1<<63, give)
}

func (f *facts) upTo(s event.Stream, seq uint64, give func(event.Event)) {
	for len(f.left[s]) > 0 && f.left[s][0].At.Sequence <= seq {
		give(f.left[s][0])
		f.left[s] = f.left[s][1:]
	}
}

// reign: epochs rise by one, and every record is by the leader whose epoch began last.
type reign struct {
	c      *check
	now    *event.EpochStarted
	source string
	ended  bool
}

func (r *reign) record(e event.Event) {
	if d, ok := e.Data.(*event.EpochStarted); ok {
		before := uint64(0)
		if r.now != nil {
			before = r.now.Epoch
		}
		if d.Epoch != before+1 {
			r.c.broken("record %d: epoch %d follows %d", e.At.Sequence, d.Epoch, before)
		}
		r.now, r.source, r.ended = d, e.Source, false
		r.c.Epochs++
		return
	}
	if e.Source != r.source || r.ended {
		r.c.broken("record %d is by %s, in the epoch of %q (ended: %t): two leaders interleave", e.At.Sequence, e.Source, r.source, r.ended)
	}
	if epoch, says := epochOf(e.Data); says && r.now != nil && epoch != r.now.Epoch {
		r.c.broken("record %d is of epoch %d, in epoch %d: two leaders interleave", e.At.Sequence, epoch, r.now.Epoch)
	}
	if _, ok := e.Data.(*event.EpochEnded); ok {
		r.ended = true
	}
}

// epochOf is the epoch that a record says it is of.
func epochOf(p event.Payload) (uint64, bool) {
	switch d := p.(type) {
	case *event.PlacementDecided:
		return d.Epoch, true
	case *event.CommandPlace:
		return d.Epoch, true
	case *event.CommandWithdraw:
		return d.Epoch, true
	case *event.CommandSynchronise:
		return d.Epoch, true
	}
	return 0, false
}

// record takes one record of PLACEMENTS into the accounts.
func (c *check) record(e event.Event) {
	switch d := e.Data.(type) {
	case *event.PlacementDecided:
		c.Decisions++
		c.last[d.ID()] = d
	case *event.CommandSynchronise:
		c.of(d.Cluster).synchronise(e, d)
	case *event.CommandPlace:
		a := c.of(d.Cluster)
		a.number(e, d.Number, d.Incarnation)
		a.tell(d.ID(), sent{number: d.Number, uses: d.Shapes, request: d.Template.Resources})
		a.promised(e, d.ID())
	case *event.CommandWithdraw:
		a := c.of(d.Cluster)
		a.number(e, d.Number, d.Incarnation)
		a.tell(d.ID(), sent{number: d.Number, gone: true})
	}
}

// fact takes a report of an agent into the accounts.
func (c *check) fact(e event.Event) {
	switch d := e.Data.(type) {
	case *event.ClusterCapacityReported:
		c.of(d.Cluster).reported(d)
	case *event.WorkloadStatusReported:
		if d.Last != nil {
			c.of(d.Cluster).outcome(d.Last.Number, d.Last.Outcome)
		}
	case *event.CommandRejected:
		c.of(d.Cluster).outcome(d.Number, event.OutcomeRejected)
	}
}

func (c *check) of(name event.ClusterID) *account {
	a := c.accounts[name]
	if a == nil {
		a = &account{c: c, name: name, outcomes: map[uint64]event.Outcome{}, sent: map[event.WorkloadID][]sent{}, shapes: map[string]event.NodeShape{}}
		c.accounts[name] = a
	}
	return a
}
