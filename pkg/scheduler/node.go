package scheduler

import (
	"encoding/binary"

	"fairlead.dev/pkg/event"
	packer "fairlead.dev/pkg/pack"
	"fairlead.dev/pkg/room"
)

// Millions of nodes are in few distinct states. Each state is kept once, with what
// is known of it per class, so that a look at a node is a look into a table. The
// tables are caches: they may be dropped at any time.
const (
	maxStates   = 1 << 17 // distinct states before they are all forgotten
	maxProfiles = 1 << 10 // profiles before they are all forgotten
	fewBits     = 8       // the same in the beginning
	fitBits     = 17      // of the places for pairs of a state and a class, at most
)

// node is one state a node can be in. Equal states are the same pointer.
type node struct {
	free  event.FreeNodes // of one node: Nodes is 1
	shape room.Leftover   // what a node of its shape has in all
	size  room.Leftover   // what is free in sum
	sort  int32           // of its shape
	id    uint32
	plain bool   // it has no extended resources
	mark  uint64 // of the last count that met it, see tables.marks

	stamp uint32 // of the tables that the worth is from
	worth int64  // of the free room, in billionths of a GPU
}

// nodeFit is what is known of a state for a class.
type nodeFit struct {
	node, class uint32
	stamp       uint32 // of the tables it was made for
	fits        int32  // replicas that fit
	pack        int64  // packing part of the score, once it is rated
	rated       bool
	after       *node // with one replica taken off; nil until asked for
}

// tables keep what is alike once: node states, classes, profiles.
type tables struct {
	stamp      uint32
	nodes      map[string]*node
	classes    map[string]*class
	fits       []nodeFit // by a hash of state and class
	bits       int       // of the hash
	ids        uint32    // given to states and classes
	profiles   map[string]*profile
	alikes     map[string]int32 // numbers of the facts that clusters report
	families   map[string]*family
	marks      uint64                                // given to counts of nodes
	wishes     map[[32]byte]*event.WorkloadSubmitted // by SHA-256 of their JSON
	wishBytes  int                                   // of that JSON
	meant      map[*event.WorkloadSubmitted]*wish    // the same with what follows; nil until asked for
	footprints map[plainUse]*footprint
	charges    map[chargeKey]*charge
	key        []byte

	mix        *packer.Mix     // nil before anything is learnt
	mean       event.Resources // of CPU and memory, what the mix asks for
	wanted     []wanted        // the classes of the mix
	views      []*packer.View
	rivals     []rival
	sorts      map[string]int32
	sortShapes []*event.NodeShape // one of each sort

	prices map[event.ClusterID]*event.PriceSet // the settings'
	now    int64                               // observed time
	lull   int64                               // the state's
	log    changeLog
	live   []*index // those that follow every change at once
	caught uint64   // the changes they have followed
	placed []placed // kept for its room
}

func newTables(set *settings) *tables {
	return &tables{stamp: 1, fits: make([]nodeFit, 1<<fewBits), bits: fewBits, nodes: map[string]*node{}, classes: map[string]*class{}, profiles: map[string]*profile{}, families: map[string]*family{}, alikes: map[string]int32{}, wishes: map[[32]byte]*event.WorkloadSubmitted{}, meant: map[*event.WorkloadSubmitted]*wish{}, footprints: map[plainUse]*footprint{}, charges: map[chargeKey]*charge{}, prices: set.prices, sorts: map[string]int32{}}
}

// forget drops what was computed; states and classes stay known.
func (t *tables) forget() {
	t.stamp++
	clear(t.profiles)
	clear(t.families)
	clear(t.alikes)
	t.live = nil
}

// state finds or makes the node state of a shape with that much free.
func (t *tables) state(free event.FreeNodes, shape room.Leftover, sort int32) *node {
	free.Nodes = 1
	t.key = appendState(binary.AppendVarint(t.key[:0], int64(sort)), free, shape)
	if n, ok := t.nodes[string(t.key)]; ok {
		return n
	}
	t.ids++
	if t.bits < fitBits && t.ids > 1<<t.bits {
		t.bits = fitBits
		t.fits = make([]nodeFit, 1<<t.bits)
	}
	n := &node{id: t.ids, free: free, shape: shape, sort: sort, size: room.Size(free), plain: len(free.Extended) == 0}
	t.nodes[string(t.key)] = n
	return n
}

func appendState(b []byte, free event.FreeNodes, shape room.Leftover) []byte {
	for _, v := range [...]int64{shape.GPUMilli, shape.CPUMilli, shape.MemoryBytes, free.CPUMilli, free.MemoryBytes} {
		b = binary.AppendVarint(b, v)
	}
	b = binary.AppendUvarint(b, uint64(len(free.GPUs)))
	for _, milli := range free.GPUs {
		b = binary.AppendVarint(b, int64(milli))
	}
	for _, name := range sortedKeys(free.Extended) {
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		b = binary.AppendVarint(b, free.Extended[name])
	}
	return b
}

// fit is what is known of a state for a class. It is good until the next call. The
// table forgets one pair for another that falls on the same place.
func (t *tables) fit(n *node, cl *class) *nodeFit {
	f := &t.fits[(n.id*0x9e3779b1^cl.id*0x85ebca6b)>>(32-t.bits)]
	if f.node == n.id && f.class == cl.id && f.stamp == t.stamp {
		return f
	}
	*f = nodeFit{node: n.id, class: cl.id, stamp: t.stamp, fits: int32(min(maxFit, room.Fits(n.free, cl.request)))}
	return f
}

// holds says whether a replica of the class fits on a node in that state. Where CPU and
// memory are all there is, comparing them is faster than the table.
func (t *tables) holds(n *node, cl *class) bool {
	if !cl.basic || !n.plain {
		return t.fit(n, cl).fits > 0
	}
	return cl.leastCPU <= n.size.CPUMilli && cl.leastMemory <= n.size.MemoryBytes
}

// holdsOn is holds for a node of a group.
func (t *tables) holdsOn(g *group, cl *class) bool {
	if !cl.basic || !g.plain {
		return t.fit(g.node, cl).fits > 0
	}
	return cl.leastCPU <= g.size.CPUMilli && cl.leastMemory <= g.size.MemoryBytes
}

// leftOf is what is over of a node's room with one replica of the class on it.
func (c *class) leftOf(free room.Leftover) room.Leftover {
	q := &c.request
	return room.Leftover{GPUMilli: free.GPUMilli - q.GPUMilli, CPUMilli: free.CPUMilli - q.CPUMilli, MemoryBytes: free.MemoryBytes - q.MemoryBytes}
}

// after is the state with one replica of the class taken off.
func (t *tables) after(n *node, cl *class) *node {
	if f := t.fit(n, cl); f.after != nil {
		return f.after
	}
	after := t.state(room.Take(n.free, cl.request), n.shape, n.sort)
	t.fit(n, cl).after = after
	return after
}

// tighter orders nodes of one shape by what is free: with one replica on either, the
// order is the same.
func (g *group) tighter(o *group) int {
	if c := g.size.Compare(o.size); c != 0 {
		return c
	}
	return room.Compare(g.node.free, o.node.free)
}

// full is how full the node would be with one replica of the class, in millionths.
func (n *node) full(cl *class) int64 { return fullness(n.shape, cl.leftOf(n.size)) }

// full is the same for a node of a group.
func (s *shapeRoom) full(g *group, cl *class) int64 { return fullness(s.whole, cl.leftOf(g.size)) }
