package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// maxFit bounds how many replicas are said to fit, so that a request for nothing
// does not lead to absurd numbers.
const maxFit = 1 << 20

// free is the free room of a cluster by node shape, with debits taken off.
type free struct {
	shapes []shapeRoom

	// Caches by class key, dropped with every change.
	fits  map[string]int   // replicas that fit
	empty map[string]int64 // emptiness of the cluster
	tight map[string]int64 // tightness of the best node
}

// shapeRoom is one node shape: groups of nodes with the same free room.
type shapeRoom struct {
	shape     *event.NodeShape
	groups    room.Groups
	overdrawn bool // more is debited than the report has: send nothing there
}

func emptyFree(shapes []shapeRoom) *free {
	return &free{shapes: shapes, fits: map[string]int{}, empty: map[string]int64{}, tight: map[string]int64{}}
}

// newFree copies the free groups of a report.
func newFree(r *event.ClusterCapacityReported) *free {
	out := emptyFree(make([]shapeRoom, len(r.Shapes)))
	for i := range r.Shapes {
		shape := &r.Shapes[i]
		out.shapes[i].shape = shape
		for _, f := range shape.Free {
			if f.Nodes > 0 {
				out.shapes[i].groups = out.shapes[i].groups.Add(f)
			}
		}
	}
	return out
}

// clone is for trials; groups are never changed in place, so they are shared.
func (r *free) clone() *free { return emptyFree(slices.Clone(r.shapes)) }

// fit counts the replicas of the class that fit on the shapes open to it.
func (r *free) fit(cl *class) int {
	if n, ok := r.fits[cl.key]; ok {
		return n
	}
	total := 0
	for i := range r.shapes {
		if !cl.open(r.shapes[i].shape) || r.shapes[i].overdrawn {
			continue
		}
		for _, g := range r.shapes[i].groups {
			total = min(maxFit, total+min(maxFit, room.Fits(g, cl.request))*min(maxFit, g.Nodes))
		}
	}
	r.fits[cl.key] = total
	return total
}

// forget drops what was computed of the room as it was.
func (r *free) forget() {
	clear(r.fits)
	clear(r.empty)
	clear(r.tight)
}

// take finds room for n replicas, tightest node first, takes it off and tells the
// shapes; fewer than n if there is no more.
func (r *free) take(cl *class, n int) []event.ShapeUse {
	uses := make([]int, len(r.shapes))
	for n > 0 {
		shape, at, _ := r.tightest(cl)
		if shape < 0 {
			break
		}
		took := r.shapes[shape].fill(at, cl.request, n)
		uses[shape] += took
		n -= took
	}
	r.forget()
	var out []event.ShapeUse
	for i, used := range uses {
		if used > 0 {
			out = append(out, event.ShapeUse{Shape: r.shapes[i].shape.Name, Replicas: used})
		}
	}
	return out
}

// tightest is the shape and the group with the least left over after one replica,
// or -1.
func (r *free) tightest(cl *class) (shape, at int, least room.Leftover) {
	shape, at = -1, -1
	for i := range r.shapes {
		if !cl.open(r.shapes[i].shape) || r.shapes[i].overdrawn {
			continue
		}
		j, l := r.shapes[i].groups.Tightest(cl.request)
		if j >= 0 && (shape < 0 || l.Compare(least) < 0) {
			shape, at, least = i, j, l
		}
	}
	return shape, at, least
}

// debit takes what a command asks off the shape it names. What does not fit makes
// the shape overdrawn until a newer report.
func (r *free) debit(use event.ShapeUse, request event.Resources) {
	r.forget()
	at := slices.IndexFunc(r.shapes, func(s shapeRoom) bool { return s.shape.Name == use.Shape })
	if at < 0 {
		return // the shape is gone, and its room with it
	}
	s := &r.shapes[at]
	for n := use.Replicas; n > 0; {
		best, _ := s.groups.Tightest(request)
		if best < 0 {
			s.overdrawn = true
			return
		}
		n -= s.fill(best, request, n)
	}
}

// fill puts up to n replicas on one node of the group.
func (s *shapeRoom) fill(at int, request event.Resources, n int) int {
	groups, took := s.groups.TakeAt(at, request, n)
	s.groups = groups
	return took
}
