package agent

import (
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// shapes are a view's node shapes with replicas taken off that it has not bound yet.
// The view itself stays as it is.
type shapes struct {
	list []event.NodeShape
	at   map[string]int // by name
}

func newShapes(list []event.NodeShape) *shapes {
	s := &shapes{list: slices.Clone(list), at: make(map[string]int, len(list))}
	for i, shape := range s.list {
		s.at[shape.Name] = i
	}
	return s
}

// unbound gives the replicas of a stored command whose room the view has not taken off
// yet, by the shape that was debited for them. Replicas without a shape are under "".
func unbound(w *work, o *Object) []event.ShapeUse {
	rest := w.stored.Replicas
	if w.finished != nil {
		return nil
	}
	var bound []event.ShapeUse
	if o != nil {
		rest -= o.Succeeded + o.Failed
		if o.Hash == w.stored.Hash {
			bound = o.Bound
		}
	}
	for _, b := range bound {
		rest -= b.Replicas
	}
	var out []event.ShapeUse
	for _, use := range w.stored.Shapes {
		n := min(rest, use.Replicas-replicasOn(bound, use.Shape))
		if n > 0 {
			out = append(out, event.ShapeUse{Shape: use.Shape, Replicas: n, On: use.On})
			rest -= n
		}
	}
	if rest > 0 {
		out = append(out, event.ShapeUse{Replicas: rest})
	}
	return out
}

func replicasOn(uses []event.ShapeUse, shape string) int {
	n := 0
	for _, use := range uses {
		if use.Shape == shape {
			n += use.Replicas
		}
	}
	return n
}

// subtract takes replicas off the shapes they were debited from, tightest node first.
// What no longer fits there is taken from the tightest node anywhere, and where nothing
// fits a whole node is given up: such a replica will take room as soon as there is some.
func (s *shapes) subtract(request event.Resources, uses []event.ShapeUse) {
	for _, use := range uses {
		rest := use.Replicas
		if at, known := s.at[use.Shape]; known {
			rest = s.takeFrom(at, request, use)
		}
		for rest > 0 {
			at := s.tightest(request)
			if at < 0 {
				s.forfeit(use.Shape, rest)
				break
			}
			groups := room.Groups(s.list[at].Free)
			group, _ := groups.Tightest(request)
			taken, n := groups.TakeAt(group, request, rest)
			s.list[at].Free, rest = taken, rest-n
		}
	}
}

// takeFrom takes as many replicas as fit off one shape, where they are meant to be, and
// gives the rest.
func (s *shapes) takeFrom(at int, request event.Resources, use event.ShapeUse) int {
	for i := 0; i < use.Replicas; {
		groups := room.Groups(s.list[at].Free)
		group := groups.Choose(request, room.Meant(use.On, i, use.Replicas))
		if group < 0 {
			return use.Replicas - i
		}
		most := use.Replicas - i
		if len(use.On) > 0 {
			most = 1
		}
		taken, n := groups.TakeAt(group, request, most)
		s.list[at].Free, i = taken, i+n
	}
	return 0
}

// tightest is the shape with the tightest node for one replica; -1 if none has room.
func (s *shapes) tightest(request event.Resources) int {
	best, bestLeft := -1, room.Leftover{}
	for i := range s.list {
		if group, left := room.Groups(s.list[i].Free).Tightest(request); group >= 0 && (best < 0 || left.Compare(bestLeft) < 0) {
			best, bestLeft = i, left
		}
	}
	return best
}

// forfeit gives up a node for each replica, of its shape as long as there is one.
func (s *shapes) forfeit(shape string, replicas int) {
	order := make([]int, 0, len(s.list)+1)
	if at, known := s.at[shape]; known {
		order = append(order, at)
	}
	for i := range s.list {
		order = append(order, i)
	}
	for _, at := range order {
		for replicas > 0 {
			groups, given := room.Groups(s.list[at].Free).Forfeit()
			if !given {
				break
			}
			s.list[at].Free = groups
			replicas--
		}
	}
}
