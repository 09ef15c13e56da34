package scheduler

import "slices"

// What may make a cluster worth more than before to somebody goes into the change log,
// and every index reads it before it is used. What only makes it worth less does not: an
// index finds that out when the cluster wins.

// changeLog names the clusters that changed, oldest first.
type changeLog struct {
	first   uint64 // number of the oldest entry kept
	entries []change
}

// maxChanges is how many changes are kept. An index further behind is made anew.
const maxChanges = 1 << 17

// change is one way in which a cluster may have become better.
type change struct {
	node    *node // for changeNode: the state that a node of the shape is in now
	cluster int32
	shape   int16
	kind    changeKind
}

type changeKind uint8

const (
	changeFacts changeKind = iota // anything: checks may pass that failed
	changeRoom                    // any of its room may be better
	changeSum                     // what is free in sum grew, or what there is
	changeSeats                   // fewer workloads are on it
	changeNode                    // a node is in another state; all that is free in sum fell
)

// catchUp brings the newest changes into all indexes that are in use, while what is known
// of the clusters is at hand. One that is not used for so long that making it anew costs
// no more than to follow is left behind.
func (s *State) catchUp() {
	t := s.known
	if t.caught == t.log.end() {
		return
	}
	t.live = slices.DeleteFunc(t.live, func(x *index) bool {
		x.live = s.follows(x) && t.log.end()-x.used <= s.patient()
		return !x.live
	})
	for n := max(t.caught, t.log.first); n < t.log.end(); n++ {
		ch := &t.log.entries[n-t.log.first]
		for _, x := range t.live {
			if x.cursor <= n {
				s.follow(x, ch)
				x.cursor = n + 1
			}
		}
	}
	t.caught = t.log.end()
}

// follows says whether the index can catch up, for less than it costs to be made anew.
func (s *State) follows(x *index) bool {
	l := &s.known.log
	return len(x.scores) >= len(s.clusters.sorted) && x.fine == s.fine() && x.plan == s.steer.number && x.cursor >= l.first && l.end()-x.cursor <= s.patient()
}

// patient is how many changes cost about as much to follow as an index to be made.
func (s *State) patient() uint64 { return uint64(8*len(s.clusters.sorted) + 1024) }

func (l *changeLog) end() uint64 { return l.first + uint64(len(l.entries)) }

// reset makes every index begin anew.
func (l *changeLog) reset() { l.first, l.entries = l.end()+1, l.entries[:0] }

// note records a change and makes what indexes know of the cluster a bound.
func (t *tables) note(c *cluster, ch change) {
	c.version++
	l := &t.log
	if len(l.entries) >= maxChanges {
		half := len(l.entries) / 2
		l.entries = append(l.entries[:0], l.entries[half:]...)
		l.first += uint64(half)
	}
	ch.cluster = int32(c.number)
	l.entries = append(l.entries, ch)
}

// taken notes what a command took off the room: the nodes that are fuller now.
func (t *tables) taken(c *cluster, to []placed) {
	if len(to) == 0 {
		t.note(c, change{kind: changeSeats})
	}
	for _, p := range to {
		t.note(c, change{kind: changeNode, node: p.node, shape: int16(p.shape)})
	}
}

// reported notes what is better in the room of a newer report than it was before.
func (s *State) reported(c *cluster, was *free) {
	t := s.known
	if was == nil {
		t.note(c, change{kind: changeRoom})
		return
	}
	now := c.freeRoom()
	if now.left.CPUMilli > was.left.CPUMilli || now.left.MemoryBytes > was.left.MemoryBytes || now.left.GPUMilli > was.left.GPUMilli || now.all.CPUMilli != was.all.CPUMilli || now.all.MemoryBytes != was.all.MemoryBytes || now.all.GPUMilli != was.all.GPUMilli {
		t.note(c, change{kind: changeSum})
	}
	for i := range now.shapes {
		t.gained(c, i, &now.shapes[i], was.shapes)
	}
}

// gained notes the states in which nodes of a shape are, and were not before.
func (t *tables) gained(c *cluster, i int, now *shapeRoom, before []shapeRoom) {
	if now.overdrawn {
		return
	}
	t.marks++
	if i < len(before) && !before[i].overdrawn {
		for _, g := range before[i].groups {
			g.node.mark = t.marks
		}
	}
	for _, g := range now.groups {
		if g.node.mark != t.marks {
			t.note(c, change{kind: changeNode, node: g.node, shape: int16(i)})
		}
	}
}

// follow brings a change into the index.
func (s *State) follow(x *index, ch *change) {
	if !x.concerned(ch.kind) {
		return
	}
	was := x.scores[ch.cluster]
	if was == closed && ch.kind != changeFacts {
		return // only a fact opens it
	}
	c := s.clusters.byNumber[ch.cluster]
	switch {
	case x.made[ch.cluster] == c.version: // it was made anew since: what the change was may be over
	case ch.kind == changeNode && !x.contrary && !x.anywhere:
		s.followNode(x, c, ch, was)
	default:
		s.refresh(x, c, ch.kind == changeFacts)
	}
}

// concerned says whether a change of the kind can make a leaf of the index better.
func (x *index) concerned(kind changeKind) bool {
	switch kind {
	case changeNode:
		return !x.anywhere || x.sums || x.contrary
	case changeSum:
		return x.sums || x.contrary
	case changeSeats:
		return x.seats
	}
	return true
}

// followNode raises the leaf of a cluster to what a node that came into a state is
// worth. The node may be in another state by now: then the leaf is too high until it wins.
func (s *State) followNode(x *index, c *cluster, ch *change, was int64) {
	cl := x.asks.class
	if !s.known.holds(ch.node, cl) || c.room == nil || int(ch.shape) >= len(c.room.shapes) {
		return
	}
	sh := &c.room.shapes[ch.shape]
	if !c.room.open(sh, cl) || x.fine && !sh.has(ch.node) { // which costs less than to rate it
		return
	}
	w := x.asks.weigh
	sp := spot{shape: int(ch.shape), group: 0, node: ch.node, price: w.cheapness(cl, sh.price)}
	if w.pack != 0 {
		sp.pack = c.room.worth(sh, &group{node: ch.node, size: ch.node.size}, cl, s.fine())
	}
	sp.value = w.pack*sp.pack + w.price*sp.price
	if now := s.score(x.asks, c, sp); now > was {
		s.clusters.set(x, ch.cluster, now)
	}
}
