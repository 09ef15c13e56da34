package inventory

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"fairlead.dev/pkg/event"
)

// Book holds the nodes and pods of a cluster and, per node, the sum of what its pods ask for. Each
// change costs what it changes; sums are never made anew. It is not safe for concurrent use.
type Book struct {
	nodes map[string]*Node
	pods  map[types.UID]*Pod
	used  map[string]*Room // by node name; also of nodes that are not here (yet)
	owned map[event.WorkloadID]map[types.UID]*Pod
}

// NewBook returns a Book without nodes.
func NewBook() *Book {
	return &Book{
		nodes: map[string]*Node{},
		pods:  map[types.UID]*Pod{},
		used:  map[string]*Room{},
		owned: map[event.WorkloadID]map[types.UID]*Pod{},
	}
}

// SetNode adds or replaces a node.
func (b *Book) SetNode(n *Node) {
	if n.Foreign {
		delete(b.nodes, n.Name)
		return
	}
	b.nodes[n.Name] = n
}

// RemoveNode forgets a node; pods bound to it count again should it return.
func (b *Book) RemoveNode(name string) { delete(b.nodes, name) }

// SetPod adds or replaces a pod.
func (b *Book) SetPod(p *Pod) {
	b.RemovePod(p.UID)
	b.pods[p.UID] = p
	b.charge(p, +1)
	if p.Workload == (event.WorkloadID{}) {
		return
	}
	if b.owned[p.Workload] == nil {
		b.owned[p.Workload] = map[types.UID]*Pod{}
	}
	b.owned[p.Workload][p.UID] = p
}

// RemovePod forgets a pod; an unknown one is no error.
func (b *Book) RemovePod(uid types.UID) {
	p, known := b.pods[uid]
	if !known {
		return
	}
	b.charge(p, -1)
	delete(b.pods, uid)
	if delete(b.owned[p.Workload], uid); len(b.owned[p.Workload]) == 0 {
		delete(b.owned, p.Workload)
	}
}

// charge adds a pod's request to its node's sum, or takes it off.
func (b *Book) charge(p *Pod, sign int64) {
	if p.Node == "" || p.Ended {
		return
	}
	sum := b.used[p.Node]
	if sum == nil {
		sum = &Room{}
		b.used[p.Node] = sum
	}
	sum.add(p.Asked, sign)
	if sum.Pods == 0 {
		delete(b.used, p.Node)
	}
}

// free is what a node has left for new pods.
func (b *Book) free(n *Node) Room {
	var used Room
	if sum := b.used[n.Name]; sum != nil {
		used = *sum
	}
	if !n.Open {
		used = n.Room
	}
	return n.Room.less(used)
}

// Pods calls see with every pod of a workload, in no order.
func (b *Book) Pods(id event.WorkloadID, see func(*Pod)) {
	for _, p := range b.owned[id] {
		see(p)
	}
}

// Bound counts a workload's pods by the shape of their node: those that hold at least the room given,
// and are there to stay.
func (b *Book) Bound(id event.WorkloadID, asked Room) []event.ShapeUse {
	count := map[string]int{}
	for _, p := range b.owned[id] {
		if n := b.nodes[p.Node]; n != nil && !p.Ended && !p.Leaving && p.Asked.Covers(asked) {
			count[n.Shape()]++
		}
	}
	bound := make([]event.ShapeUse, 0, len(count))
	for _, shape := range slices.Sorted(maps.Keys(count)) {
		bound = append(bound, event.ShapeUse{Shape: shape, Replicas: count[shape]})
	}
	return bound
}

// Fits says whether n more pods of one size have room on the nodes that suit them.
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
