package scheduler

// Whoever takes room past the core asks, as far as anybody knows, for what is asked for
// everywhere, and fills the tightest node, as packing does and as agents do where no node
// is named. So it can be told which nodes are next, and what they would have left. Some
// go anywhere: a part of them is counted as such.

const (
	mostRivals = 32  // classes of the mix that stand for all who come
	lastNodes  = 4   // so many nodes that hold a replica make a shape safe
	packers    = 750 // thousandths of those who come that fill the tightest node
)

// rival is a class of the mix as somebody past the core asks for it.
type rival struct {
	class *class
	share int64 // of all who come, in millionths
}

// learnRivals takes over the classes that are asked for most.
func (t *tables) learnRivals(mix []wanted) {
	t.rivals = nil
	mix = mix[:min(len(mix), mostRivals)]
	sum := int64(0)
	for _, w := range mix {
		sum = addUp(sum, w.Asked, 1)
	}
	for _, w := range mix {
		t.ids++
		c := &class{id: t.ids, request: w.Request, nodes: w.Nodes, architectures: w.Architectures, tolerations: w.Tolerations}
		c.measure()
		t.rivals = append(t.rivals, rival{class: c, share: share(w.Asked, sum)})
	}
}

// aim is a group of nodes of a shape, by number.
type aim struct{ shape, group int32 }

var nowhere = aim{-1, -1}

// aims is where on a cluster the rivals go.
type aims struct {
	stamp uint32 // of the tables it was made with
	of    []rivalAims
}

// rivalAims is the tightest node for a rival, and the next; the two may be of one group.
type rivalAims struct {
	first, second aim
	ahead         int64 // the share of all who go for the first
}

// aimed is where rivals would go now; it is good until the room changes.
func (r *free) aimed() *aims {
	if r.aims != nil && r.aims.stamp == r.known.stamp {
		return r.aims
	}
	out := &aims{stamp: r.known.stamp, of: make([]rivalAims, len(r.known.rivals))}
	for i := range out.of {
		out.of[i].first, out.of[i].second = r.tightestTwo(r.known.rivals[i].class)
	}
	for i := range out.of {
		for k := range out.of {
			if out.of[k].first == out.of[i].first {
				out.of[i].ahead += r.known.rivals[k].share
			}
		}
	}
	r.aims = out
	return out
}

// tightestTwo are the nodes of the cluster with the least left over, of all shapes.
func (r *free) tightestTwo(cl *class) (first, second aim) {
	first, second = nowhere, nowhere
	for i := range r.shapes {
		sh := &r.shapes[i]
		if !r.open(sh, cl) {
			continue
		}
		for at := range sh.groups {
			g := &sh.groups[at]
			if !r.known.holdsOn(g, cl) {
				continue
			}
			here := aim{int32(i), int32(at)}
			switch {
			case first == nowhere || r.tighter(here, first):
				if second = first; g.count > 1 {
					second = here
				}
				first = here
			case second == nowhere || r.tighter(here, second):
				second = here
			}
		}
	}
	return first, second
}

func (r *free) tighter(a, b aim) bool {
	return r.group(a).tighter(r.group(b)) < 0
}

func (r *free) group(a aim) *group { return &r.shapes[a.shape].groups[a.group] }

// gone is how likely others leave no room for the class on the shape before a command is
// carried out, in millionths: as many of them have to come there as nodes hold it, or
// one after somebody else who takes what is tighter.
func (r *free) gone(sh *shapeRoom, cl *class) int64 {
	n := sh.holders(r.known, cl)
	if n == 0 || n >= lastNodes {
		return 0
	}
	next, after := r.struck(sh, cl)
	come := r.odds * (packers*next + (1000-packers)*million*n/r.holders(cl)) / million // millionths
	out := min(million, come)
	for i := int64(2); i <= n; i++ {
		out = out * come / million / i
	}
	if n == 1 {
		out += r.odds * r.odds / 2 * (packers * after / 1000) / million
	}
	return min(million, out)
}

// struck is the share of rivals who go for a node of the shape that holds the class and
// leave no room on it, and of those who do so once others were at a tighter node.
func (r *free) struck(sh *shapeRoom, cl *class) (next, after int64) {
	for i, a := range r.aimed().of {
		by := &r.known.rivals[i]
		if a.first != nowhere && &r.shapes[a.first.shape] == sh && r.takes(by.class, a.first, cl) {
			next += by.share
		} else if a.second != nowhere && &r.shapes[a.second.shape] == sh && r.takes(by.class, a.second, cl) {
			after += by.share * a.ahead / million
		}
	}
	return next, after
}

// takes says whether a rival leaves no room for the class on a node that had some.
func (r *free) takes(by *class, at aim, cl *class) bool {
	g := r.group(at)
	return r.known.holdsOn(g, cl) && !r.known.holds(r.known.after(g.node, by), cl)
}

// holders counts the nodes of the shape that hold a replica of the class.
func (s *shapeRoom) holders(known *tables, cl *class) int64 {
	n := int64(0)
	for i := range s.groups {
		if g := &s.groups[i]; known.holdsOn(g, cl) {
			n += int64(g.count)
		}
	}
	return n
}

// holders counts them over all shapes open to the class; at least 1.
func (r *free) holders(cl *class) int64 {
	n := int64(0)
	for i := range r.shapes {
		if sh := &r.shapes[i]; r.open(sh, cl) {
			n += sh.holders(r.known, cl)
		}
	}
	return max(1, n)
}
