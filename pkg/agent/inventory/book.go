package inventory

import (
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// Book holds the nodes and claims of a cluster and, per node, the sum of what is claimed there. Each
// change costs what it changes; sums are never made anew. It is not safe for concurrent use.
type Book struct {
	nodes  map[string]*Node
	claims map[string]*Claim
	used   map[string]*Room // by node name; also of nodes that are not here (yet)
	owned  map[event.WorkloadID]map[string]*Claim
}

// NewBook returns a Book without nodes.
func NewBook() *Book {
	return &Book{
		nodes:  map[string]*Node{},
		claims: map[string]*Claim{},
		used:   map[string]*Room{},
		owned:  map[event.WorkloadID]map[string]*Claim{},
	}
}

// SetNode adds or replaces a node.
func (b *Book) SetNode(n *Node) {
	b.nodes[n.Name] = n
}

// RemoveNode forgets a node; claims on it count again should it return.
func (b *Book) RemoveNode(name string) { delete(b.nodes, name) }

// SetClaim adds or replaces a claim.
func (b *Book) SetClaim(c *Claim) {
	b.RemoveClaim(c.ID)
	b.claims[c.ID] = c
	b.charge(c, +1)
	if c.Workload == (event.WorkloadID{}) {
		return
	}
	if b.owned[c.Workload] == nil {
		b.owned[c.Workload] = map[string]*Claim{}
	}
	b.owned[c.Workload][c.ID] = c
}

// RemoveClaim forgets a claim; an unknown one is no error.
func (b *Book) RemoveClaim(id string) {
	c, known := b.claims[id]
	if !known {
		return
	}
	b.charge(c, -1)
	delete(b.claims, id)
	if delete(b.owned[c.Workload], id); len(b.owned[c.Workload]) == 0 {
		delete(b.owned, c.Workload)
	}
}

// charge adds a claim to its node's sum, or takes it off.
func (b *Book) charge(c *Claim, sign int64) {
	if c.Node == "" || c.Ended {
		return
	}
	sum := b.used[c.Node]
	if sum == nil {
		sum = &Room{}
		b.used[c.Node] = sum
	}
	sum.add(c.Asked, sign)
	if sum.Instances == 0 {
		delete(b.used, c.Node)
	}
}

// free is what a node has left for new replicas.
func (b *Book) free(n *Node) Room {
	var used Room
	if sum := b.used[n.Name]; sum != nil {
		used = *sum
	}
	if n.Open {
		return n.Room.less(used)
	}
	none := n.Room.less(n.Room)
	none.Instances = 0 // else what asks for nothing would still fit
	return none
}

// Claims calls see with every claim of a workload, in no order.
func (b *Book) Claims(id event.WorkloadID, see func(*Claim)) {
	for _, c := range b.owned[id] {
		see(c)
	}
}

// Bound counts a workload's replicas by the shape of their node: those that hold at least the room given,
// and are there to stay.
func (b *Book) Bound(id event.WorkloadID, asked Room) []event.ShapeUse {
	count := map[string]int{}
	for _, c := range b.owned[id] {
		if n := b.nodes[c.Node]; n != nil && !c.Ended && !c.Leaving && c.Asked.Covers(asked) {
			count[n.Shape()]++
		}
	}
	bound := make([]event.ShapeUse, 0, len(count))
	for _, shape := range slices.Sorted(maps.Keys(count)) {
		bound = append(bound, event.ShapeUse{Shape: shape, Replicas: count[shape]})
	}
	return bound
}

// Fits says whether n more replicas of one size have room on the nodes that suit them.
func (b *Book) Fits(asked Room, n int, suits func(*Node) bool) bool {
	for _, node := range b.nodes {
		if n <= 0 {
			break
		}
		if suits(node) {
			n -= int(min(int64(n), b.free(node).times(asked)))
		}
	}
	return n <= 0
}

// Common is the value that all nodes share under f; "" when they differ or there are none.
func (b *Book) Common(f func(*Node) string) string {
	common, first := "", true
	for _, n := range b.nodes {
		if value := f(n); first {
			common, first = value, false
		} else if value != common {
			return ""
		}
	}
	return common
}
