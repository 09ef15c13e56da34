package agentsim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// shape is the nodes that are alike.
type shape struct {
	event.NodeShape // what one node is; without Free
	nodes           []*node
}

// node is one machine.
type node struct {
	name  string
	shape *shape
	free  event.FreeNodes // of this one node; GPUs by device, in their own order
	holds []*hold
}

// hold is room taken on a node.
type hold struct {
	node    *node
	request event.Resources
	devices []int // indexes of the GPUs used
}

func newShapes(groups []Nodes) []*shape {
	byName := map[string]*shape{}
	for _, g := range groups {
		s := byName[g.Shape]
		if s == nil {
			s = &shape{NodeShape: event.NodeShape{
				Name: g.Shape, Arch: g.Arch, Labels: g.Labels, Taints: taints(g.Taints),
				CPUMilli: int64(g.CPU), MemoryBytes: int64(g.Memory), GPUs: g.GPUs, Extended: g.Extended,
			}}
			byName[g.Shape] = s
		}
		for range g.Count {
			s.add()
		}
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b *shape) int { return cmp.Compare(a.Name, b.Name) })
}

func (s *shape) add() {
	n := &node{name: fmt.Sprintf("%s-%d", s.Name, len(s.nodes)+1), shape: s}
	n.free = event.FreeNodes{
		Nodes: 1, CPUMilli: s.CPUMilli, MemoryBytes: s.MemoryBytes,
		GPUs: slices.Repeat([]int{room.Device}, s.GPUs), Extended: maps.Clone(s.Extended),
	}
	s.nodes = append(s.nodes, n)
	s.Nodes++
}

// tightest is the node with the least left over after one replica; nil if none of
// the shapes has room.
func tightest(shapes []*shape, q event.Resources) *node {
	var best *node
	var bestLeft room.Leftover
	for _, s := range shapes {
		for _, n := range s.nodes {
			if left, ok := room.Left(n.free, q); ok && (best == nil || cmp.Or(left.Compare(bestLeft), room.Compare(n.free, best.free)) < 0) {
				best, bestLeft = n, left
			}
		}
	}
	return best
}

// chosen is a node with exactly the room that was meant, if the replica fits there.
func chosen(shapes []*shape, q event.Resources, meant *event.FreeNodes) *node {
	if meant == nil {
		return nil
	}
	for _, s := range shapes {
		for _, n := range s.nodes {
			if room.Alike(n.free, *meant) && room.Fits(n.free, q) > 0 {
				return n
			}
		}
	}
	return nil
}

// take takes room for one replica, which must fit.
func (c *Cluster) take(n *node, q event.Resources) *hold {
	h := &hold{node: n, request: q, devices: room.Pick(n.free.GPUs, q.GPUMilli)}
	c.retake(h)
	return h
}

// retake takes exactly the room of the hold.
func (c *Cluster) retake(h *hold) {
	h.node.change(h, -1)
	h.node.holds = append(h.node.holds, h)
	c.check(h.node)
}

// release gives the room back.
func (c *Cluster) release(h *hold) {
	h.node.change(h, 1)
	h.node.holds = slices.DeleteFunc(h.node.holds, func(o *hold) bool { return o == h })
	c.check(h.node)
}

func (n *node) change(h *hold, sign int64) {
	n.free.CPUMilli += sign * h.request.CPUMilli
	n.free.MemoryBytes += sign * h.request.MemoryBytes
	for name, units := range h.request.Extended { // each key on its own: the order does not matter
		n.free.Extended[name] += sign * units
	}
	if _, counted := n.free.Extended[room.Instances]; counted {
		n.free.Extended[room.Instances] += sign
	}
	for _, device := range h.devices {
		n.free.GPUs[device] += int(sign) * share(h.request)
	}
}

// share is what the request takes of each of its devices.
func share(q event.Resources) int { return int(min(q.GPUMilli, room.Device)) }

// groups are the nodes of the shape by their free room, in order of the first node.
func (s *shape) groups() []event.FreeNodes {
	var out []event.FreeNodes
	at := map[string]int{}
	for _, n := range s.nodes {
		key := n.key()
		if i, known := at[key]; known {
			out[i].Nodes++
			continue
		}
		free := n.free
		free.Extended = maps.Clone(free.Extended)
		free.GPUs = slices.Clone(free.GPUs)
		slices.SortFunc(free.GPUs, func(a, b int) int { return cmp.Compare(b, a) })
		at[key] = len(out)
		out = append(out, free)
	}
	return out
}

// key is equal for nodes with the same free room. fmt writes maps in key order.
func (n *node) key() string {
	devices := slices.Sorted(slices.Values(n.free.GPUs))
	return fmt.Sprint(n.free.CPUMilli, n.free.MemoryBytes, devices, n.free.Extended)
}
