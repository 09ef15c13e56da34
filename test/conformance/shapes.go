package main

import (
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/room"
)

const (
	// plenty is how many replicas fit on a cluster of which a case says nothing.
	plenty = 100_000
	gpu    = "nvidia.com/gpu"
)

// amounts reads a case's amounts: cpu, memory, gpu, the number of pods, and anything else.
func amounts(in map[string]string) (r event.Resources, pods *int64, err error) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		n, err := amount(name, in[name])
		if err != nil {
			return r, nil, fmt.Errorf("%s: %w", name, err)
		}
		switch name {
		case "cpu":
			r.CPUMilli = n
		case "memory":
			r.MemoryBytes = n
		case gpu:
			r.GPUMilli = n
		case "pods":
			pods = &n
		default:
			if r.Extended == nil {
				r.Extended = map[string]int64{}
			}
			r.Extended[name] = n
		}
	}
	return r, pods, nil
}

func amount(name, text string) (int64, error) {
	if name == "cpu" || name == gpu {
		return quantity.Milli(text)
	}
	return quantity.Bytes(text)
}

// asked is what a replica asks for: resources that a case names with none of it are none.
func asked(in map[string]string) (event.Resources, error) {
	r, _, err := amounts(in)
	maps.DeleteFunc(r.Extended, func(_ string, n int64) bool { return n == 0 })
	return r, err
}

// nodesOf are the nodes of a cluster whose case says what it has of everything; nil when
// it speaks of slots or of nothing.
func nodesOf(c *capacity) ([]event.NodeShape, error) {
	switch {
	case c == nil || c.AvailableReplicas != nil:
		return nil, nil
	case c.NodeShapes != nil: // nodes are exact where they are given beside sums
		return graded(c.NodeShapes)
	case c.Nodes != nil:
		return each(c.Nodes)
	case c.Total != nil: // for a cluster as a whole: one node
		return whole(c.Total, c.Free, nil)
	case c.Allocatable != nil:
		return whole(c.Allocatable, nil, c.Allocated)
	}
	return []event.NodeShape{}, nil
}

// graded makes nodes that are as free as is certain.
func graded(grades []grade) ([]event.NodeShape, error) {
	out := []event.NodeShape{}
	for i, g := range grades {
		r, _, err := amounts(g.FreeMin)
		if err != nil {
			return nil, err
		}
		if g.Count > 0 {
			out = append(out, shape(number("grade-", i), g.Count, r, r, nil, 0))
		}
	}
	return out, nil
}

// each makes a shape of every node.
func each(nodes []node) ([]event.NodeShape, error) {
	out := []event.NodeShape{}
	for _, n := range nodes {
		total, pods, err := amounts(n.Allocatable)
		if err != nil {
			return nil, err
		}
		free := total
		free.Extended = maps.Clone(total.Extended)
		for _, p := range n.Pods {
			used, _, err := amounts(p)
			if err != nil {
				return nil, err
			}
			take(&free, used)
		}
		s := shape(n.Name, 1, total, free, pods, int64(len(n.Pods)))
		s.Labels, s.Taints = n.Labels, taints(n.Taints)
		out = append(out, s)
	}
	return out, nil
}

// whole makes one node of a cluster that is only known as a sum.
func whole(total, free, used map[string]string) ([]event.NodeShape, error) {
	all, pods, err := amounts(total)
	if err != nil {
		return nil, err
	}
	left := all
	left.Extended = maps.Clone(all.Extended)
	if free != nil {
		if left, _, err = amounts(free); err != nil {
			return nil, err
		}
	}
	gone, running, err := amounts(used)
	if err != nil {
		return nil, err
	}
	take(&left, gone)
	held := int64(0)
	if running != nil {
		held = *running
	}
	return []event.NodeShape{shape("whole", 1, all, left, pods, held)}, nil
}

func take(from *event.Resources, used event.Resources) {
	from.CPUMilli -= used.CPUMilli
	from.MemoryBytes -= used.MemoryBytes
	from.GPUMilli -= used.GPUMilli
	for _, name := range slices.Sorted(maps.Keys(used.Extended)) {
		from.Extended[name] -= used.Extended[name]
	}
}

// shape makes a number of nodes alike. pods is how many replicas one admits, nil when
// that is not said, running how many it has.
func shape(name string, nodes int, total, free event.Resources, pods *int64, running int64) event.NodeShape {
	s := event.NodeShape{
		Name: name, Nodes: nodes, CPUMilli: total.CPUMilli, MemoryBytes: total.MemoryBytes,
		GPUs: int(total.GPUMilli / 1000), Extended: maps.Clone(total.Extended),
	}
	group := event.FreeNodes{Nodes: nodes, CPUMilli: free.CPUMilli, MemoryBytes: free.MemoryBytes, Extended: maps.Clone(free.Extended)}
	for range free.GPUMilli / 1000 {
		group.GPUs = append(group.GPUs, 1000)
	}
	for len(group.GPUs) < s.GPUs {
		group.GPUs = append(group.GPUs, 0)
	}
	if pods != nil {
		s.Extended, group.Extended = with(s.Extended, *pods), with(group.Extended, *pods-running)
	}
	s.Free = []event.FreeNodes{group}
	return s
}

func with(m map[string]int64, n int64) map[string]int64 {
	if m == nil {
		m = map[string]int64{}
	}
	m[room.Instances] = n
	return m
}
