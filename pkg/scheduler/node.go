package scheduler

import (
	"cmp"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// device is the size of a whole GPU in thousandths.
const device = 1000

// per counts how many replicas one node of the group takes.
func (g group) per(q event.Resources) int {
	n := maxFit
	n = atMost(n, g.cpu, q.CPUMilli)
	n = atMost(n, g.memory, q.MemoryBytes)
	for _, name := range sortedKeys(q.Extended) {
		n = atMost(n, g.extra(name), q.Extended[name])
	}
	if at, found := slices.BinarySearch(g.names, instances); found {
		n = atMost(n, g.extended[at], 1)
	}
	return min(n, g.gpuFit(q.GPUMilli))
}

func atMost(n int, have, need int64) int {
	if need <= 0 {
		return n
	}
	return int(max(0, min(int64(n), have/need)))
}

func (g group) extra(name string) int64 {
	if at, found := slices.BinarySearch(g.names, name); found {
		return g.extended[at]
	}
	return 0
}

// gpuFit counts how many times the GPU request fits: a share within one device,
// whole ones as free devices.
func (g group) gpuFit(milli int64) int {
	switch {
	case milli <= 0:
		return maxFit
	case milli >= device:
		whole := 0
		for _, free := range g.gpus {
			if free == device {
				whole++
			}
		}
		return int(int64(whole) * device / milli)
	}
	n := 0
	for _, free := range g.gpus {
		n += free / int(milli)
	}
	return n
}

// left is what a node has over after a placement: GPU first, then CPU, then memory.
type left struct{ gpu, cpu, memory int64 }

func (l left) less(o left) bool {
	return cmp.Or(cmp.Compare(l.gpu, o.gpu), cmp.Compare(l.cpu, o.cpu), cmp.Compare(l.memory, o.memory)) < 0
}

// leftover gives what a node of the group has over after one replica; false if it
// does not fit.
func (g group) leftover(q event.Resources) (left, bool) {
	if g.per(q) == 0 {
		return left{}, false
	}
	l := left{cpu: g.cpu - q.CPUMilli, memory: g.memory - q.MemoryBytes, gpu: -q.GPUMilli}
	for _, free := range g.gpus {
		l.gpu += int64(free)
	}
	return l, true
}

// subtract takes one replica off a single node. The caller has checked that it fits
// and owns the slices.
func (g *group) subtract(q event.Resources) {
	g.cpu -= q.CPUMilli
	g.memory -= q.MemoryBytes
	for i, name := range g.names {
		if name == instances {
			g.extended[i]--
		}
		g.extended[i] -= q.Extended[name]
	}
	g.subtractGPU(int(q.GPUMilli))
}

// subtractGPU takes whole free devices, or a share of the fullest device that has
// room for it.
func (g *group) subtractGPU(milli int) {
	if milli <= 0 {
		return
	}
	if milli < device {
		for i := len(g.gpus) - 1; i >= 0; i-- {
			if g.gpus[i] >= milli {
				g.gpus[i] -= milli
				break
			}
		}
	} else {
		for i := 0; i < len(g.gpus) && milli > 0; i++ {
			if g.gpus[i] == device {
				g.gpus[i] = 0
				milli -= device
			}
		}
	}
	slices.SortFunc(g.gpus, func(a, b int) int { return cmp.Compare(b, a) })
}

// sortedKeys makes the order of a map explicit.
func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}
