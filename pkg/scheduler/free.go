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
	known  *tables
	odds   int64 // that others take room before a command is carried out, in thousandths
	shapes []shapeRoom
	all    event.Resources // allocatable in sum
	left   event.Resources // free in sum
	aims   *aims           // of rivals; nil until asked for
}

// shapeRoom is one node shape: groups of nodes with the same free room.
type shapeRoom struct {
	shape     *event.NodeShape
	whole     room.Leftover // what a node of it has in all
	price     *event.Price  // of its room; nil if none is known
	groups    []group
	shared    bool // groups belong to another free as well: copy before a change
	overdrawn bool // more is debited than the report has: send nothing there
	sort      int32
}

// group is so many nodes in the same state. What is free on one of them is said here as
// well: a look at a cluster then need not go to each state.
type group struct {
	node  *node
	count int
	size  room.Leftover
	plain bool
}

// newFree takes over the free groups of a report.
func newFree(known *tables, r *event.ClusterCapacityReported, prices []event.Price) *free {
	if len(known.nodes) > maxStates {
		clear(known.nodes) // what rooms still hold lives on, and is compared by value
	}
	out := &free{known: known, shapes: make([]shapeRoom, len(r.Shapes))}
	for i := range r.Shapes {
		shape := &r.Shapes[i]
		whole := room.Leftover{GPUMilli: int64(shape.GPUs) * room.Device, CPUMilli: shape.CPUMilli, MemoryBytes: shape.MemoryBytes}
		sh := &out.shapes[i]
		sh.shape, sh.whole, sh.price = shape, whole, rateOf(prices, shape.Name)
		sh.sort = known.sort(shape)
		sh.groups = make([]group, 0, len(shape.Free)+1)
		for _, f := range shape.Free {
			if f.Nodes > 0 {
				sh.add(known.state(f, whole, sh.sort), f.Nodes)
			}
		}
	}
	out.left, out.all = out.sums()
	return out
}

// rateOf is the price of a shape: its own, else the cluster's.
func rateOf(prices []event.Price, shape string) *event.Price {
	var general *event.Price
	for i := range prices {
		switch prices[i].Shape {
		case shape:
			return &prices[i]
		case "":
			general = &prices[i]
		}
	}
	return general
}

// plain writes the groups out.
func (s *shapeRoom) plain() room.Groups {
	out := make(room.Groups, 0, len(s.groups))
	for _, g := range s.groups {
		free := g.node.free
		free.Nodes = g.count
		out = append(out, free)
	}
	return out
}

// clone is for trials; groups are shared until one of the two changes.
func (r *free) clone() *free {
	out := *r
	out.shapes = slices.Clone(r.shapes)
	for i := range out.shapes {
		r.shapes[i].shared, out.shapes[i].shared = true, true
	}
	return &out
}

// open says whether the class may use the shape now.
func (r *free) open(sh *shapeRoom, cl *class) bool {
	return !sh.overdrawn && cl.openTo(sh.sort, sh.shape) && sh.affordable(cl)
}

// fit counts the replicas of the class that fit on the shapes open to it.
func (r *free) fit(cl *class) int { return r.fitUpTo(cl, maxFit) }

// fitFrom is fitUpTo where it is known whether there is a spot.
func (r *free) fitFrom(sp *spot, cl *class, most int) int {
	switch {
	case sp.group < 0:
		return 0
	case most == 1:
		return 1
	}
	return r.fitUpTo(cl, most)
}

// fitUpTo stops counting where so many fit.
func (r *free) fitUpTo(cl *class, most int) int {
	total := 0
	for i := range r.shapes {
		sh := &r.shapes[i]
		if !r.open(sh, cl) {
			continue
		}
		for _, g := range sh.groups {
			if total >= most {
				return total
			}
			if !r.known.holdsOn(&g, cl) {
				continue
			}
			each := 1
			if g.count < most-total { // otherwise one on each node is enough
				each = int(r.known.fit(g.node, cl).fits)
			}
			total = min(maxFit, total+each*min(maxFit, g.count))
		}
	}
	return total
}

// maxMeant is how many replicas at a time have their nodes named. More of them go to
// the tightest nodes of the best shape.
const maxMeant = 16

// take finds room for n replicas on the best spots, takes it off and tells the shapes;
// fewer than n if there is no more.
func (r *free) take(q *query, n int, fine bool) []event.ShapeUse {
	each := q.weigh.pack != 0 && n <= maxMeant
	uses := make([]use, len(r.shapes))
	for n > 0 {
		best := r.bestSpot(q, fine)
		if best.group < 0 {
			break
		}
		most, u := n, &uses[best.shape]
		at := r.tightest(&r.shapes[best.shape], q.class)
		if each {
			most, u.chosen = 1, u.chosen || at != best.group
			u.on = append(u.on, r.shapes[best.shape].groups[best.group].node.free)
			at = best.group
		}
		took, _ := r.fill(best.shape, at, q.class, most)
		u.replicas += took
		n -= took
	}
	var out []event.ShapeUse
	for i, u := range uses {
		if u.replicas > 0 {
			out = append(out, u.of(r.shapes[i].shape.Name))
		}
	}
	return out
}

// one is take for the replica whose spot is known: nothing has to be taken off to tell.
func (r *free) one(q *query, sp *spot) []event.ShapeUse {
	u, sh := use{replicas: 1}, &r.shapes[sp.shape]
	if q.weigh.pack != 0 {
		u.chosen = r.tightest(sh, q.class) != sp.group
		u.on = append(u.on, sp.node.free)
	}
	return []event.ShapeUse{u.of(sh.shape.Name)}
}

// use is what was taken of a shape.
type use struct {
	replicas int
	on       []event.FreeNodes
	chosen   bool // some node is not the one that would be taken unnamed
}

func (u *use) of(shape string) event.ShapeUse {
	out := event.ShapeUse{Shape: shape, Replicas: u.replicas}
	if u.chosen {
		out.On = u.on
	}
	return out
}

// tightest is the group of the shape with the least left over after one replica, as
// in room.Groups, so that core and agents mean the same node; -1 if none has room.
func (r *free) tightest(sh *shapeRoom, cl *class) int {
	at := -1
	for i := range sh.groups {
		if g := &sh.groups[i]; r.known.holdsOn(g, cl) && (at < 0 || g.tighter(&sh.groups[at]) < 0) {
			at = i
		}
	}
	return at
}

// placed is a node of a shape that was filled: the state it is in then.
type placed struct {
	shape int
	node  *node
}

// debit takes what a command asks off the shape it names, and adds to out where it went.
// What does not fit makes the shape overdrawn until a newer report.
func (r *free) debit(use event.ShapeUse, cl *class, out []placed) []placed {
	at := slices.IndexFunc(r.shapes, func(s shapeRoom) bool { return s.shape.Name == use.Shape })
	if at < 0 {
		return out // the shape is gone, and its room with it
	}
	s := &r.shapes[at]
	for i := 0; i < use.Replicas; {
		most, group := use.Replicas-i, -1
		if len(use.On) > 0 {
			most, group = 1, r.meant(s, cl, room.Meant(use.On, i, use.Replicas))
		}
		if group < 0 {
			group = r.tightest(s, cl)
		}
		if group < 0 {
			s.overdrawn, r.aims = true, nil
			return out
		}
		took, to := r.fill(at, group, cl, most)
		i, out = i+took, append(out, placed{at, to})
	}
	return out
}

// meant is the group with exactly the room that was meant; -1 if there is none.
func (r *free) meant(s *shapeRoom, cl *class, want *event.FreeNodes) int {
	if want == nil {
		return -1
	}
	return slices.IndexFunc(s.groups, func(g group) bool {
		return room.Equal(g.node.free, *want) && r.known.holds(g.node, cl)
	})
}

// fill puts up to n replicas on one node of a group. After one replica the same node
// is the tightest again, so it is filled at once.
func (r *free) fill(shape, at int, cl *class, n int) (took int, to *node) {
	sh := &r.shapes[shape]
	sh.own()
	r.aims = nil
	was := sh.groups[at].node
	now := was
	for took < n && (took == 0 || r.known.holds(now, cl)) {
		now, took = r.known.after(now, cl), took+1
	}
	sh.remove(at)
	sh.add(now, 1)
	r.adjust(was.size, now.size)
	return took, now
}

// adjust keeps the sum right after one node went from one state to another.
func (r *free) adjust(was, now room.Leftover) {
	if max(r.left.CPUMilli, r.left.MemoryBytes, r.left.GPUMilli) >= brim {
		r.left, _ = r.sums() // a sum that hit the brim cannot be told from parts
		return
	}
	r.left.CPUMilli += now.CPUMilli - was.CPUMilli
	r.left.MemoryBytes += now.MemoryBytes - was.MemoryBytes
	r.left.GPUMilli += now.GPUMilli - was.GPUMilli
}

// own makes the groups this room's alone.
func (s *shapeRoom) own() {
	if s.shared {
		s.groups, s.shared = append(make([]group, 0, len(s.groups)+1), s.groups...), false
	}
}

// remove takes one node out of a group.
func (s *shapeRoom) remove(at int) {
	if s.groups[at].count--; s.groups[at].count == 0 {
		s.groups = slices.Delete(s.groups, at, at+1)
	}
}

// add joins nodes to the group in the same state, or makes one.
func (s *shapeRoom) add(n *node, count int) {
	for i := range s.groups {
		if g := s.groups[i].node; g == n || room.Equal(g.free, n.free) {
			s.groups[i].count += count
			return
		}
	}
	s.groups = append(s.groups, group{n, count, n.size, n.plain})
}

// has says whether a node is in that state.
func (s *shapeRoom) has(n *node) bool {
	return slices.ContainsFunc(s.groups, func(g group) bool { return g.node == n })
}

// sums adds up free and allocatable room over all nodes; sums saturate.
func (r *free) sums() (left, all event.Resources) {
	for i := range r.shapes {
		sh := r.shapes[i].shape
		all.CPUMilli = addUp(all.CPUMilli, sh.CPUMilli, sh.Nodes)
		all.MemoryBytes = addUp(all.MemoryBytes, sh.MemoryBytes, sh.Nodes)
		all.GPUMilli = addUp(all.GPUMilli, int64(sh.GPUs)*room.Device, sh.Nodes)
		for _, g := range r.shapes[i].groups {
			left.CPUMilli = addUp(left.CPUMilli, g.node.size.CPUMilli, g.count)
			left.MemoryBytes = addUp(left.MemoryBytes, g.node.size.MemoryBytes, g.count)
			left.GPUMilli = addUp(left.GPUMilli, g.node.size.GPUMilli, g.count)
		}
	}
	return left, all
}
