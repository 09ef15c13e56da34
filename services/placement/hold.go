package placement

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

const (
	// commandMargin is more than a command says beside what its submission said;
	// shapeMargin is more than it says for each node shape.
	commandMargin = 4 << 10
	shapeMargin   = 256
	// unrecordable begins the reason of a decision that the log cannot hold.
	unrecordable = "cannot be recorded: "
	// holdMillis is how long, in observed time, a decision rests that the log cannot
	// hold: only another submission helps.
	holdMillis = 10 * 60 * 1000
)

// refusedDecision names a decision that the log refused although it looked
// acceptable.
type refusedDecision struct {
	workload   event.WorkloadID
	generation uint64
}

// acceptable gives d, or in its place that the workload is held, where the log would
// refuse d's commands or has refused d before. Nothing may wedge behind a record that
// can never be stored, so this is decided before d is applied.
func (l *loop) acceptable(d *event.PlacementDecided) *event.PlacementDecided {
	w := event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
	if why := l.limits.hold[refusedDecision{w, d.Generation}]; why != "" {
		return l.held(d, why)
	}
	shapes := 0
	places := false
	for _, a := range d.Assignments {
		if a.Command != 0 && a.Replicas > 0 {
			places, shapes = true, max(shapes, len(a.Shapes))
		}
	}
	o := l.notes.workloads[w]
	if o == nil || !places {
		return d
	}
	if size := o.Size + commandMargin + shapes*shapeMargin; size > l.limits.message {
		return l.held(d, fmt.Sprintf("its commands could take %d bytes, a message at most %d", size, l.limits.message))
	}
	return d
}

// held is d turned into a refusal for reason why: what runs stays as it is.
func (l *loop) held(d *event.PlacementDecided, why string) *event.PlacementDecided {
	h := *d
	h.Verdict, h.Reason = event.VerdictHeld, unrecordable+why
	h.Assignments, h.Refusals = l.standing(d), nil
	h.Attempt, h.NotBefore = d.Attempt+1, d.Observed+holdMillis
	return &h
}

// standing is what is assigned to the workload now, with nothing to carry out.
func (l *loop) standing(d *event.PlacementDecided) []event.Assignment {
	view, ok := l.state.Workload(event.WorkloadID{Tenant: d.Tenant, Name: d.Workload})
	if !ok {
		return nil
	}
	var out []event.Assignment
	for _, a := range view.Assignments {
		a.Assignment.Command = 0
		out = append(out, a.Assignment)
	}
	return out
}

// errUnacceptable is a decision that the log refuses. The leader rebuilds, since it
// has applied it, and holds the workload this time.
type errUnacceptable struct {
	refusedDecision
	why string
}

func (e *errUnacceptable) Error() string {
	return fmt.Sprintf("the log refuses the decision about %s: %s", e.workload, e.why)
}

// refuse steps down over a batch that cannot be split any further. What is held already
// and still refused would be refused for ever: that ends the service.
func (l *loop) refuse(b *batch) {
	head := b.records[0]
	name := refusedDecision{head.about, head.generation}
	if !head.fresh || l.limits.hold[name] != "" {
		l.stepDown(b.refused, "append record %d", b.first)
		return
	}
	why := &errUnacceptable{name, b.refused.Error()}
	l.stepDown(why, "append decision %d", b.first)
}
