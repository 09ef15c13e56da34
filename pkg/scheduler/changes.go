package scheduler

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

func (l *changeLog) end() uint64 { return l.first + uint64(len(l.entries)) }

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
	was := x.scores[ch.cluster]
	if was == closed && ch.kind != changeFacts {
		return // only a fact opens it
	}
	c := s.clusters.byNumber[ch.cluster]
	if x.made[ch.cluster] == c.version {
		return // made anew since
	}
	if ch.kind == changeNode && !x.contrary {
		if !x.anywhere {
			s.followNode(x, c, ch, was)
		}
		return
	}
	if ch.kind == changeSeats && !x.seats || ch.kind == changeSum && !x.sums && !x.contrary {
		return
	}
	s.refresh(x, c, ch.kind == changeFacts)
}

// followNode raises the leaf of a cluster to what a node that came into a state is
// worth. The node may be in another state by now: then the leaf is too high until it wins.
func (s *State) followNode(x *index, c *cluster, ch *change, was int64) {
	cl := x.asks.class
	if !s.known.holds(ch.node, cl) || c.room == nil || int(ch.shape) >= len(c.room.shapes) {
		return
	}
	sh := &c.room.shapes[ch.shape]
	if !c.room.open(sh, cl) {
		return
	}
	w := x.asks.weigh
	sp := spot{shape: int(ch.shape), group: 0, node: ch.node, price: w.cheapness(cl, sh.price)}
	if w.pack != 0 {
		sp.pack = s.known.worth(ch.node, cl, s.fine())
	}
	sp.value = w.pack*sp.pack + w.price*sp.price
	if now := s.score(x.asks, c, sp); now > was {
		s.clusters.set(x, c.number, now)
	}
}
