package inventory

import (
	"maps"
	"math"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// Unlimited is how many replicas a node admits where nothing but their size limits them.
const Unlimited = math.MaxInt32

// Room is an amount of each resource: of a node, of a claim, or of their difference.
type Room struct {
	CPUMilli    int64            // thousandths of a core
	MemoryBytes int64            // bytes
	GPUs        int64            // whole devices
	Instances   int64            // replicas a node admits, perhaps Unlimited; 1 for a claim
	Extended    map[string]int64 // other extended resources by full name, whole units
}

// add puts o on top of r, times sign.
func (r *Room) add(o Room, sign int64) {
	r.CPUMilli += sign * o.CPUMilli
	r.MemoryBytes += sign * o.MemoryBytes
	r.GPUs += sign * o.GPUs
	r.Instances += sign * o.Instances
	for name, units := range o.Extended {
		if r.Extended == nil {
			r.Extended = map[string]int64{}
		}
		r.Extended[name] += sign * units
		if r.Extended[name] == 0 {
			delete(r.Extended, name)
		}
	}
}

// less is r without o, nothing below zero, with the extended resources of r alone.
func (r Room) less(o Room) Room {
	free := Room{
		CPUMilli:    max(0, r.CPUMilli-o.CPUMilli),
		MemoryBytes: max(0, r.MemoryBytes-o.MemoryBytes),
		GPUs:        max(0, r.GPUs-o.GPUs),
		Instances:   max(0, r.Instances-o.Instances),
	}
	if r.Instances == Unlimited {
		free.Instances = Unlimited
	}
	if len(r.Extended) > 0 {
		free.Extended = make(map[string]int64, len(r.Extended))
	}
	for name, units := range r.Extended {
		free.Extended[name] = max(0, units-o.Extended[name])
	}
	return free
}

// Asked is what one replica of a template asks for: GPUs in whole devices, rounded up.
func Asked(r event.Resources) Room {
	return Room{
		CPUMilli:    r.CPUMilli,
		MemoryBytes: r.MemoryBytes,
		GPUs:        (r.GPUMilli + room.Device - 1) / room.Device,
		Instances:   1,
		Extended:    r.Extended,
	}
}

// Covers says whether r is at least o in all that o asks for.
func (r Room) Covers(o Room) bool { return r.times(o) > 0 }

// times counts how often o goes into r.
func (r Room) times(o Room) int64 {
	n := int64(Unlimited)
	limit := func(have, need int64) {
		if need > 0 {
			n = min(n, have/need)
		}
	}
	limit(r.CPUMilli, o.CPUMilli)
	limit(r.MemoryBytes, o.MemoryBytes)
	limit(r.GPUs, o.GPUs)
	limit(r.Instances, o.Instances)
	for name, units := range o.Extended { // a minimum: the order does not matter
		limit(r.Extended[name], units)
	}
	return n
}

// names are the extended resources of r in order.
func (r Room) names() []string { return slices.Sorted(maps.Keys(r.Extended)) }
