package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// stock is the room of a cluster as it would be. Where replicas that leave run is not
// known: what they free is credited to the fullest nodes that could bear it, one
// replica a node, so that room is never promised that may turn out to be scattered.
type stock struct {
	shapes []*event.NodeShape
	groups []room.Groups
}

// newStock copies the free room; shapes with less than was promised take nothing.
func newStock(r *free) *stock {
	st := &stock{}
	for i := range r.shapes {
		if !r.shapes[i].overdrawn {
			st.shapes = append(st.shapes, r.shapes[i].shape)
			st.groups = append(st.groups, r.shapes[i].plain())
		}
	}
	return st
}

// emptied is the cluster as if nothing ran on it.
func emptied(r *event.ClusterCapacityReported) *stock {
	st := &stock{}
	for i := range r.Shapes {
		sh := &r.Shapes[i]
		node := event.FreeNodes{Nodes: sh.Nodes, CPUMilli: sh.CPUMilli, MemoryBytes: sh.MemoryBytes, GPUs: slices.Repeat([]int{room.Device}, min(sh.GPUs, 1024)), Extended: sh.Extended}
		st.shapes, st.groups = append(st.shapes, sh), append(st.groups, room.Groups{node})
	}
	return st
}

// fit counts the replicas of the class that would fit.
func (st *stock) fit(cl *class) int {
	total := 0
	for i, groups := range st.groups {
		if !cl.open(st.shapes[i]) {
			continue
		}
		for _, g := range groups {
			total = min(maxFit, total+min(maxFit, room.Fits(g, cl.request))*min(maxFit, g.Nodes))
		}
	}
	return total
}

// credit gives back what n replicas took on a shape.
func (st *stock) credit(shape string, request event.Resources, n int) {
	at := slices.IndexFunc(st.shapes, func(s *event.NodeShape) bool { return s.Name == shape })
	if at < 0 {
		return
	}
	for n > 0 {
		i, node := st.fullest(at, request)
		if i < 0 {
			return
		}
		node.Nodes = min(n, st.groups[at][i].Nodes)
		n -= node.Nodes
		if st.groups[at][i].Nodes -= node.Nodes; st.groups[at][i].Nodes == 0 {
			st.groups[at] = slices.Delete(st.groups[at], i, i+1)
		}
		st.groups[at] = st.groups[at].Add(node)
	}
}

// fullest is the group of the fullest nodes that could have borne a replica, and one
// of them with its room given back; -1 if there is none.
func (st *stock) fullest(at int, request event.Resources) (best int, after event.FreeNodes) {
	best = -1
	for i, g := range st.groups[at] {
		node, ok := giveBack(st.shapes[at], g, request)
		if ok && (best < 0 || room.Compare(g, st.groups[at][best]) < 0) {
			best, after = i, node
		}
	}
	return best, after
}

// giveBack is a node after one replica left it; false if the node could not have held
// one beside what it has free.
func giveBack(sh *event.NodeShape, g event.FreeNodes, q event.Resources) (event.FreeNodes, bool) {
	g.CPUMilli += q.CPUMilli
	g.MemoryBytes += q.MemoryBytes
	if g.CPUMilli > sh.CPUMilli || g.MemoryBytes > sh.MemoryBytes {
		return g, false
	}
	var ok bool
	if g.GPUs, ok = giveDevices(g.GPUs, q.GPUMilli); !ok {
		return g, false
	}
	g.Extended = giveExtended(g.Extended, q)
	return g, true
}

// giveDevices frees whole devices that are taken whole, or a share of the fullest one.
func giveDevices(devices []int, milli int64) ([]int, bool) {
	if milli == 0 {
		return devices, true
	}
	out := slices.Clone(devices)
	if milli < room.Device {
		best := -1
		for i, free := range out {
			if free+int(milli) <= room.Device && (best < 0 || free < out[best]) {
				best = i
			}
		}
		if best < 0 {
			return devices, false
		}
		out[best] += int(milli)
		return out, true
	}
	for i := range out {
		if milli > 0 && out[i] == 0 {
			out[i], milli = room.Device, milli-room.Device
		}
	}
	return out, milli <= 0
}

func giveExtended(have map[string]int64, q event.Resources) map[string]int64 {
	if len(have) == 0 {
		return have
	}
	out := make(map[string]int64, len(have))
	for _, name := range room.Names(have) {
		out[name] = have[name] + q.Extended[name]
	}
	if _, counted := have[room.Instances]; counted && q.Extended[room.Instances] == 0 {
		out[room.Instances]++
	}
	return out
}
