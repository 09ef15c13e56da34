package room

import (
	"cmp"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// Device is a whole GPU in thousandths.
const Device = 1000

// Instances is the extended resource that limits the replicas of a node, whatever
// they ask for.
const Instances = "instances"

const many = 1 << 20 // replicas that fit where nothing limits them

// Fits counts how many replicas one node with this free room takes.
func Fits(free event.FreeNodes, q event.Resources) int {
	n := many
	n = limit(n, free.CPUMilli, q.CPUMilli)
	n = limit(n, free.MemoryBytes, q.MemoryBytes)
	for _, name := range Names(q.Extended) {
		n = limit(n, free.Extended[name], q.Extended[name])
	}
	if have, counted := free.Extended[Instances]; counted {
		n = limit(n, have, 1)
	}
	return min(n, gpuFits(free.GPUs, q.GPUMilli))
}

// Names are the keys of extended resources, in order.
func Names(extended map[string]int64) []string {
	if len(extended) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(extended))
}

func limit(n int, have, need int64) int {
	if need <= 0 {
		return n
	}
	return int(max(0, min(int64(n), have/need)))
}

func gpuFits(devices []int, milli int64) int {
	if milli <= 0 {
		return many
	}
	shares, whole := 0, int64(0)
	for _, free := range devices {
		shares += free / int(min(milli, Device))
		if free == Device {
			whole++
		}
	}
	if milli < Device {
		return shares
	}
	return int(whole * Device / milli)
}

// Leftover is what a node has over after one more replica, the scarcest kind first.
type Leftover struct{ GPUMilli, CPUMilli, MemoryBytes int64 }

// Compare orders the tighter node first.
func (l Leftover) Compare(o Leftover) int {
	return cmp.Or(cmp.Compare(l.GPUMilli, o.GPUMilli), cmp.Compare(l.CPUMilli, o.CPUMilli), cmp.Compare(l.MemoryBytes, o.MemoryBytes))
}

// Left gives what is over after one replica; false if it does not fit.
func Left(free event.FreeNodes, q event.Resources) (Leftover, bool) {
	if Fits(free, q) == 0 {
		return Leftover{}, false
	}
	l := Size(free)
	return Leftover{l.GPUMilli - q.GPUMilli, l.CPUMilli - q.CPUMilli, l.MemoryBytes - q.MemoryBytes}, true
}

// Size is the free room of one node in sum.
func Size(free event.FreeNodes) Leftover {
	l := Leftover{CPUMilli: free.CPUMilli, MemoryBytes: free.MemoryBytes}
	for _, milli := range free.GPUs {
		l.GPUMilli += int64(milli)
	}
	return l
}

// Pick chooses the devices for a GPU request by their free thousandths, in any order:
// for a share the fullest that has room, for whole devices the first free ones. It
// gives their indexes; nil if there is not enough, or nothing is asked.
func Pick(devices []int, milli int64) []int {
	switch {
	case milli <= 0:
		return nil
	case milli < Device:
		return pickShare(devices, int(milli))
	}
	var picked []int
	for i, free := range devices {
		if free == Device && int64(len(picked))*Device < milli {
			picked = append(picked, i)
		}
	}
	if int64(len(picked))*Device < milli {
		return nil
	}
	return picked
}

func pickShare(devices []int, milli int) []int {
	best := -1
	for i, free := range devices {
		if free >= milli && (best < 0 || free < devices[best]) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return []int{best}
}

// Take gives the node with one replica taken off. The caller has checked that it
// fits; what is passed in stays as it is.
func Take(free event.FreeNodes, q event.Resources) event.FreeNodes {
	free.CPUMilli -= q.CPUMilli
	free.MemoryBytes -= q.MemoryBytes
	if len(free.Extended) > 0 {
		free.Extended = maps.Clone(free.Extended)
		for _, name := range Names(q.Extended) {
			if _, has := free.Extended[name]; has {
				free.Extended[name] -= q.Extended[name]
			}
		}
		if _, counted := free.Extended[Instances]; counted {
			free.Extended[Instances]--
		}
	}
	if picked := Pick(free.GPUs, q.GPUMilli); picked != nil {
		free.GPUs = slices.Clone(free.GPUs)
		for _, i := range picked {
			free.GPUs[i] -= int(min(q.GPUMilli, Device))
		}
		slices.SortFunc(free.GPUs, func(a, b int) int { return cmp.Compare(b, a) })
	}
	return free
}

// Compare orders nodes with the same left-over by their devices and extended
// resources, so that a choice between them does not hang on the order of a list.
func Compare(a, b event.FreeNodes) int {
	return cmp.Or(slices.Compare(descending(a.GPUs), descending(b.GPUs)), compareExtended(a.Extended, b.Extended))
}

func descending(devices []int) []int {
	order := func(a, b int) int { return cmp.Compare(b, a) }
	if slices.IsSortedFunc(devices, order) {
		return devices
	}
	devices = slices.Clone(devices)
	slices.SortFunc(devices, order)
	return devices
}

func compareExtended(a, b map[string]int64) int {
	for _, name := range Names(a) {
		if c := cmp.Compare(a[name], b[name]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// Alike says whether two nodes have the same free room, in whatever order their devices
// are.
func Alike(a, b event.FreeNodes) bool {
	return a.CPUMilli == b.CPUMilli && a.MemoryBytes == b.MemoryBytes && len(a.GPUs) == len(b.GPUs) && Compare(a, b) == 0
}

// Equal says whether two groups of nodes have the same free room.
func Equal(a, b event.FreeNodes) bool {
	return a.CPUMilli == b.CPUMilli && a.MemoryBytes == b.MemoryBytes &&
		slices.Equal(a.GPUs, b.GPUs) && maps.Equal(a.Extended, b.Extended)
}
