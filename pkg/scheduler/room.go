package scheduler

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

// maxFit bounds how many replicas are said to fit, so that a request for nothing
// does not lead to absurd numbers.
const maxFit = 1 << 20

// instances is the extended resource that limits replicas per node, whatever they ask.
const instances = "instances"

// room is the free room of a cluster by node shape, with debits taken off.
type room struct {
	shapes []shapeRoom

	// Caches by class key, dropped with every change.
	fits  map[string]int   // replicas that fit
	empty map[string]int64 // emptiness of the cluster
	tight map[string]int64 // tightness of the best node
}

// shapeRoom is one node shape: groups of nodes with the same free room.
type shapeRoom struct {
	shape     *event.NodeShape
	groups    []group
	overdrawn bool // more is debited than the report has: send nothing there
}

// group is a number of nodes with the same free room.
type group struct {
	nodes    int
	cpu      int64
	memory   int64
	gpus     []int // free thousandths by device, largest first
	extended []int64
	names    []string // of extended, sorted; shared, never changed
}

func emptyRoom(shapes []shapeRoom) *room {
	return &room{shapes: shapes, fits: map[string]int{}, empty: map[string]int64{}, tight: map[string]int64{}}
}

// newRoom copies the free groups of a report.
func newRoom(r *event.ClusterCapacityReported) *room {
	out := emptyRoom(make([]shapeRoom, len(r.Shapes)))
	for i := range r.Shapes {
		shape := &r.Shapes[i]
		out.shapes[i].shape = shape
		for _, f := range shape.Free {
			if f.Nodes > 0 {
				out.shapes[i].groups = append(out.shapes[i].groups, newGroup(f))
			}
		}
	}
	return out
}

func newGroup(f event.FreeNodes) group {
	g := group{nodes: f.Nodes, cpu: f.CPUMilli, memory: f.MemoryBytes, gpus: slices.Clone(f.GPUs), names: sortedKeys(f.Extended)}
	slices.SortFunc(g.gpus, func(a, b int) int { return cmp.Compare(b, a) })
	for _, name := range g.names {
		g.extended = append(g.extended, f.Extended[name])
	}
	return g
}

func (r *room) clone() *room {
	out := emptyRoom(slices.Clone(r.shapes))
	for i := range out.shapes {
		out.shapes[i].groups = slices.Clone(out.shapes[i].groups)
	}
	return out
}

// fit counts the replicas of the class that fit on the shapes open to it.
func (r *room) fit(cl *class) int {
	if n, ok := r.fits[cl.key]; ok {
		return n
	}
	total := 0
	for i := range r.shapes {
		if !cl.open(r.shapes[i].shape) || r.shapes[i].overdrawn {
			continue
		}
		for _, g := range r.shapes[i].groups {
			total = min(maxFit, total+min(maxFit, g.per(cl.request))*min(maxFit, g.nodes))
		}
	}
	r.fits[cl.key] = total
	return total
}

// forget drops what was computed of the room as it was.
func (r *room) forget() {
	clear(r.fits)
	clear(r.empty)
	clear(r.tight)
}

// take finds room for n replicas, tightest node first, takes it off and tells the
// shapes; fewer than n if there is no more.
func (r *room) take(cl *class, n int) []event.ShapeUse {
	uses := make([]int, len(r.shapes))
	for n > 0 {
		shape, at := r.tightest(cl)
		if shape < 0 {
			break
		}
		took := r.shapes[shape].takeOne(at, cl.request, n)
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

// tightest is the group with the least left over after one replica, or -1.
func (r *room) tightest(cl *class) (shape, at int) {
	shape, at = -1, -1
	var best left
	for i := range r.shapes {
		if !cl.open(r.shapes[i].shape) || r.shapes[i].overdrawn {
			continue
		}
		for j := range r.shapes[i].groups {
			g := r.shapes[i].groups[j]
			l, ok := g.leftover(cl.request)
			if ok && (shape < 0 || l.less(best) || l == best && shape == i && g.before(r.shapes[i].groups[at])) {
				shape, at, best = i, j, l
			}
		}
	}
	return shape, at
}

// debit takes what a command asks off the shape it names. What does not fit makes
// the shape overdrawn until a newer report.
func (r *room) debit(use event.ShapeUse, request event.Resources) {
	r.forget()
	at := slices.IndexFunc(r.shapes, func(s shapeRoom) bool { return s.shape.Name == use.Shape })
	if at < 0 {
		return // the shape is gone, and its room with it
	}
	s := &r.shapes[at]
	for n := use.Replicas; n > 0; {
		best, ok := s.tightest(request)
		if !ok {
			s.overdrawn = true
			return
		}
		n -= s.takeOne(best, request, n)
	}
}

func (s *shapeRoom) tightest(request event.Resources) (at int, ok bool) {
	var best left
	for j := range s.groups {
		l, fits := s.groups[j].leftover(request)
		if fits && (!ok || l.less(best) || l == best && s.groups[j].before(s.groups[at])) {
			at, best, ok = j, l, true
		}
	}
	return at, ok
}

// takeOne fills one node of the group with up to n replicas: after one, the same
// node is the tightest again.
func (s *shapeRoom) takeOne(at int, request event.Resources, n int) int {
	node := s.groups[at]
	node.nodes = 1
	node.gpus, node.extended = slices.Clone(node.gpus), slices.Clone(node.extended)
	took := min(n, max(1, node.per(request)))
	for range took {
		node.subtract(request)
	}
	if s.groups[at].nodes--; s.groups[at].nodes == 0 {
		s.groups = slices.Delete(s.groups, at, at+1)
	}
	if same := slices.IndexFunc(s.groups, node.same); same >= 0 {
		s.groups[same].nodes++
	} else {
		s.groups = append(s.groups, node)
	}
	return took
}

// before breaks ties between groups by what they are, so that the choice does not
// hang on the order in which a report lists them.
func (g group) before(o group) bool {
	return cmp.Or(slices.Compare(g.gpus, o.gpus), slices.Compare(g.extended, o.extended)) < 0
}

// same says whether two groups have the same free room.
func (g group) same(o group) bool {
	return g.cpu == o.cpu && g.memory == o.memory && slices.Equal(g.gpus, o.gpus) &&
		slices.Equal(g.extended, o.extended) && slices.Equal(g.names, o.names)
}
