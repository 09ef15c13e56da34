package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// portion is one cluster's part of the decision that stands: an assignment as it was
// recorded, in few bytes.
type portion struct {
	c                    *cluster
	command, incarnation uint64
	score, price         int64
	footprint            *footprint
	replicas, leaving    int32
	aside                *aside // nil: nothing of it
}

// aside is what few portions have.
type aside struct {
	parts   []event.ScorePart
	group   int
	waiting bool
}

func (s *State) portionOf(a *event.Assignment) portion {
	out := portion{
		c: s.clusters.get(a.Cluster), command: a.Command, incarnation: a.Incarnation, score: a.Score, price: a.Price,
		footprint: s.known.footprint(a.Shapes), replicas: count(a.Replicas), leaving: count(a.Leaving),
	}
	if len(a.Parts) > 0 || a.Group != 0 || a.Waiting {
		out.aside = &aside{a.Parts, a.Group, a.Waiting}
	}
	return out
}

// portions are the part of each cluster that is left with something.
func (s *State) portions(d *event.PlacementDecided) []portion {
	n := 0
	for i := range d.Assignments {
		if d.Assignments[i].Replicas > 0 {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]portion, 0, n)
	for i := range d.Assignments {
		if a := &d.Assignments[i]; a.Replicas > 0 {
			out = append(out, s.portionOf(a))
		}
	}
	return out
}

// assignment writes the portion as it was recorded.
func (p *portion) assignment() event.Assignment {
	more := of(p.aside)
	return event.Assignment{
		Cluster: p.c.id, Command: p.command, Incarnation: p.incarnation, Score: p.score, Price: p.price, Shapes: p.footprint.shapes(),
		Replicas: int(p.replicas), Leaving: int(p.leaving), Parts: more.parts, Group: more.group, Waiting: more.waiting,
	}
}

// waiting says whether it waits for an earlier step of a rollout.
func (p *portion) waiting() bool { return of(p.aside).waiting }

// stays is how many replicas are there for good.
func (p *portion) stays() int { return int(p.replicas - p.leaving) }

// assignments are the portions as they were recorded.
func (w *workload) assignments() []event.Assignment {
	var out []event.Assignment
	for i := range w.portions {
		out = append(out, w.portions[i].assignment())
	}
	return out
}

// footprint is what replicas take of a cluster's shapes. It is shared and never changed.
type footprint []event.ShapeUse

func (f *footprint) shapes() []event.ShapeUse {
	if f == nil {
		return nil
	}
	return *f
}

// plainUse is so many replicas on one shape, on whatever nodes.
type plainUse struct {
	shape    string
	replicas int
}

// footprint gives the one copy of what is the same for most: replicas on one shape.
func (t *tables) footprint(uses []event.ShapeUse) *footprint {
	switch {
	case len(uses) == 0:
		return nil
	case len(uses) > 1 || len(uses[0].On) > 0:
		own := footprint(slices.Clone(uses))
		return &own
	}
	key := plainUse{uses[0].Shape, uses[0].Replicas}
	known := t.footprints[key]
	if known == nil {
		if len(t.footprints) >= maxStates {
			clear(t.footprints)
		}
		known = &footprint{event.ShapeUse{Shape: key.shape, Replicas: key.replicas}}
		t.footprints[key] = known
	}
	return known
}
