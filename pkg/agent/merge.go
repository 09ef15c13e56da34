package agent

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// groupLimit is how many groups of one shape the contract allows.
const groupLimit = 4096

// merge keeps a report within its limits: shapes that differ in size alone become one
// of the smallest size, and what is still too much is left out. Nothing is promised
// that is not there. rounded says whether anything was given up.
func merge(list []event.NodeShape, limit int) (out []event.NodeShape, rounded bool) {
	out = list
	if len(out) > limit {
		out, rounded = mergeAlike(out), true
	}
	if len(out) > limit {
		slices.SortStableFunc(out, func(a, b event.NodeShape) int { return cmp.Compare(b.Nodes, a.Nodes) })
		out = out[:limit]
		slices.SortFunc(out, func(a, b event.NodeShape) int { return cmp.Compare(a.Name, b.Name) })
	}
	for i := range out {
		for len(out[i].Free) > groupLimit {
			out[i].Free, rounded = halve(out[i].Free), true
		}
	}
	return out, rounded
}

// mergeAlike joins shapes that answer every question on labels, taints, architecture
// and devices alike. The joined one bears the first name in order, so that it stays.
func mergeAlike(list []event.NodeShape) []event.NodeShape {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b event.NodeShape) int { return cmp.Compare(a.Name, b.Name) })
	at := map[string]int{}
	var out []event.NodeShape
	for _, shape := range sorted {
		key := alike(shape)
		i, known := at[key]
		if !known {
			at[key] = len(out)
			out = append(out, shape)
			continue
		}
		out[i] = join(out[i], shape)
	}
	return out
}

// alike is equal for shapes that differ in size alone. fmt writes maps in key order.
func alike(s event.NodeShape) string {
	return fmt.Sprintf("%q %d %q %q %q", s.Arch, s.GPUs, s.Labels, s.Taints, slices.Sorted(maps.Keys(s.Extended)))
}

func join(a, b event.NodeShape) event.NodeShape {
	a.Nodes += b.Nodes
	a.CPUMilli = min(a.CPUMilli, b.CPUMilli)
	a.MemoryBytes = min(a.MemoryBytes, b.MemoryBytes)
	a.Extended = least(a.Extended, b.Extended)
	var free room.Groups
	for _, nodes := range slices.Concat(a.Free, b.Free) {
		free = free.Add(within(nodes, a))
	}
	a.Free = free
	return a
}

// within cuts free room to the size of the joined shape.
func within(free event.FreeNodes, s event.NodeShape) event.FreeNodes {
	free.CPUMilli = min(free.CPUMilli, s.CPUMilli)
	free.MemoryBytes = min(free.MemoryBytes, s.MemoryBytes)
	free.Extended = least(free.Extended, s.Extended)
	return free
}

// least keeps the smaller amount of each name. A name that only one has is nothing on
// the other: a limit on replicas as well, so that it limits.
func least(a, b map[string]int64) map[string]int64 {
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	out := map[string]int64{}
	for _, side := range []map[string]int64{a, b} {
		for name := range side { // each key on its own: the order does not matter
			out[name] = min(a[name], b[name])
		}
	}
	return out
}

// halve joins neighbours in order of size: two groups become one of what both have.
func halve(groups []event.FreeNodes) []event.FreeNodes {
	sorted := slices.SortedStableFunc(slices.Values(groups), func(a, b event.FreeNodes) int {
		return cmp.Or(slices.Compare(a.GPUs, b.GPUs), cmp.Compare(a.CPUMilli, b.CPUMilli), cmp.Compare(a.MemoryBytes, b.MemoryBytes))
	})
	out := sorted[:0:0]
	for pair := range slices.Chunk(sorted, 2) {
		joined := pair[0]
		if len(pair) == 2 {
			joined = both(pair[0], pair[1])
		}
		out = append(out, joined)
	}
	return out
}

// both is what nodes of either group have free.
func both(a, b event.FreeNodes) event.FreeNodes {
	a.Nodes += b.Nodes
	a.CPUMilli = min(a.CPUMilli, b.CPUMilli)
	a.MemoryBytes = min(a.MemoryBytes, b.MemoryBytes)
	a.Extended = least(a.Extended, b.Extended)
	devices := make([]int, min(len(a.GPUs), len(b.GPUs)))
	for i := range devices { // both are in falling order, so this is what each node has at least
		devices[i] = min(a.GPUs[i], b.GPUs[i])
	}
	a.GPUs = devices
	return a
}
