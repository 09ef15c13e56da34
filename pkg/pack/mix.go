package pack

import (
	"cmp"
	"math/bits"
	"slices"

	"fairlead.dev/pkg/event"
)

// Weights of the parts of worth, in parts of the scarcity part.
const (
	deviceWeight   = 40
	fragmentWeight = 4
)

const (
	million  = 1_000_000
	device   = 1000    // thousandths of a GPU
	mostCost = 1 << 38 // bound of one replica's scarcity, so that sums stay far from the limits
	mostFit  = 1 << 15 // bound of the replicas counted on one node
	leastGPU = 1 << 20 // free GPU below which scarcity is not scaled down further
)

// Class is one kind of request: how often it was asked for, and what is left for it.
type Class struct {
	Request event.Resources // of one replica; extended resources do not count here
	Asked   int64           // replicas submitted so far
	Room    int64           // replicas that still fit in the fleet, on shapes open to it
}

// Mix is the demand and the room left for it. It does not change.
type Mix struct {
	kinds   []kind
	classes int
	worth   [steps + 1]int64 // of a device by hundredths free, in billionths of a GPU
}

// kind are the classes that ask for the same devices.
type kind struct {
	devices int64 // 0 for classes without GPUs
	milli   int64 // of each device
	classes []weighed
}

// weighed is a class with its weights.
type weighed struct {
	id       int // position in the list learnt from
	cpu, mem int64
	scarcity int64 // loss of one replica's room, in billionths of a GPU
	share    int64 // of the demand, in millionths
}

// Learn makes the mix of some classes, where free is the free GPU of the whole fleet
// in thousandths. The numbers of classes in a [View] are positions in this list.
func Learn(classes []Class, free int64) *Mix {
	m := &Mix{classes: len(classes)}
	all, damps := int64(0), int64(0)
	for _, c := range classes {
		all = addUp(all, max(0, c.Asked))
	}
	for _, c := range classes {
		damps += damped(part(c.Asked, all))
	}
	for id, c := range classes {
		if c.Asked <= 0 {
			continue
		}
		w := weighed{id: id, cpu: c.Request.CPUMilli, mem: c.Request.MemoryBytes, share: part(c.Asked, all)}
		w.scarcity = scarcity(part(damped(w.share), damps), max(free, leastGPU), c.Room)
		m.add(c.Request.GPUMilli, w)
	}
	slices.SortFunc(m.kinds, func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.devices, b.devices), cmp.Compare(a.milli, b.milli))
	})
	m.worth = duals(m.kinds)
	return m
}

// add files a class under the devices it asks for.
func (m *Mix) add(gpu int64, w weighed) {
	devices, milli := shares(gpu)
	at := slices.IndexFunc(m.kinds, func(k kind) bool { return k.devices == devices && k.milli == milli })
	if at < 0 {
		at = len(m.kinds)
		m.kinds = append(m.kinds, kind{devices: devices, milli: milli})
	}
	m.kinds[at].classes = append(m.kinds[at].classes, w)
}

// shares says how many devices a request needs and how much of each.
func shares(gpu int64) (devices, milli int64) {
	switch {
	case gpu <= 0:
		return 0, 0
	case gpu < device:
		return 1, gpu
	default:
		return (gpu + device - 1) / device, device
	}
}

// scarcity is free·weight/(room+1), bounded; weight is in millionths.
func scarcity(weight, free, room int64) int64 {
	hi, lo := bits.Mul64(uint64(max(0, weight)), uint64(max(0, free)))
	n := uint64(max(0, room)) + 1
	if hi >= n {
		return mostCost
	}
	q, _ := bits.Div64(hi, lo, n)
	return int64(min(q, mostCost))
}

// part is x/all in millionths, between 0 and a million.
func part(x, all int64) int64 {
	if x <= 0 || all <= 0 {
		return 0
	}
	return mulDiv(min(x, all), million, all)
}

// mulDiv is a·b/c without overflow on the way; all are above zero and the result
// fits.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q)
}

// damped is x to the power of 3/4, times a constant: rare requests weigh more than
// their share, since one that finds no room is a failure however rare it is.
func damped(x int64) int64 { return root(x * root(x) / 1000) }

// root is a thousand times the square root of x, rounded down.
func root(x int64) int64 {
	x *= million
	if x <= 0 {
		return 0
	}
	r := int64(1) << ((bits.Len64(uint64(x)) + 1) / 2)
	for {
		next := (r + x/r) / 2
		if next >= r {
			return r
		}
		r = next
	}
}

// addUp saturates.
func addUp(a, b int64) int64 {
	const bound = 1 << 60
	return min(bound, a+min(b, bound))
}
