package inventory

import (
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// GPU is the extended resource that counts whole GPU devices.
const GPU corev1.ResourceName = "nvidia.com/gpu"

// Instances is the name under which a report says how many more pods a node admits.
const Instances = "instances"

// Room is an amount of each resource: of a node, of a pod, or of their difference.
type Room struct {
	CPUMilli    int64            // thousandths of a core
	MemoryBytes int64            // bytes
	GPUs        int64            // whole devices
	Pods        int64            // pods a node admits; 1 for a pod
	Extended    map[string]int64 // other extended resources by full name, whole units
}

// add puts o on top of r, times sign.
func (r *Room) add(o Room, sign int64) {
	r.CPUMilli += sign * o.CPUMilli
	r.MemoryBytes += sign * o.MemoryBytes
	r.GPUs += sign * o.GPUs
	r.Pods += sign * o.Pods
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
		Pods:        max(0, r.Pods-o.Pods),
	}
	if len(r.Extended) > 0 {
		free.Extended = make(map[string]int64, len(r.Extended))
	}
	for name, units := range r.Extended {
		free.Extended[name] = max(0, units-o.Extended[name])
	}
	return free
}

// Covers says whether r is at least o in all that o asks for.
func (r Room) Covers(o Room) bool { return r.times(o) > 0 }

// times counts how often o goes into r.
func (r Room) times(o Room) int64 {
	n := int64(math.MaxInt32)
	limit := func(have, need int64) {
		if need > 0 {
			n = min(n, have/need)
		}
	}
	limit(r.CPUMilli, o.CPUMilli)
	limit(r.MemoryBytes, o.MemoryBytes)
	limit(r.GPUs, o.GPUs)
	limit(r.Pods, o.Pods)
	for name, units := range o.Extended { // a minimum: the order does not matter
		limit(r.Extended[name], units)
	}
	return n
}

// names are the extended resources of r in order.
func (r Room) names() []string { return slices.Sorted(maps.Keys(r.Extended)) }

// Allocatable reads what a node offers, rounding down.
func Allocatable(list corev1.ResourceList) Room { return roomOf(list, floor) }

// Requested reads what a pod asks for, rounding up; it counts as one pod.
func Requested(list corev1.ResourceList) Room {
	asked := roomOf(list, ceil)
	asked.Pods = 1
	return asked
}

func roomOf(list corev1.ResourceList, whole func(resource.Quantity, resource.Scale) int64) Room {
	var r Room
	for name, amount := range list {
		switch {
		case name == corev1.ResourceCPU:
			r.CPUMilli = whole(amount, resource.Milli)
		case name == corev1.ResourceMemory:
			r.MemoryBytes = whole(amount, 0)
		case name == corev1.ResourcePods:
			r.Pods = whole(amount, 0)
		case name == GPU:
			r.GPUs = whole(amount, 0)
		case extended(name):
			if r.Extended == nil {
				r.Extended = map[string]int64{}
			}
			r.Extended[string(name)] = whole(amount, 0)
		}
	}
	return r
}

// extended tells device plugins' resources, which a template may ask for by name, from Kubernetes'
// own (ephemeral-storage, hugepages-…, attachable-volumes-…), which it cannot.
func extended(name corev1.ResourceName) bool {
	domain, _, qualified := strings.Cut(string(name), "/")
	return qualified && domain != "kubernetes.io" && !strings.HasSuffix(domain, ".kubernetes.io")
}

func ceil(q resource.Quantity, scale resource.Scale) int64 { return q.ScaledValue(scale) }

// floor undoes the rounding up that Quantity does by itself.
func floor(q resource.Quantity, scale resource.Scale) int64 {
	units := q.ScaledValue(scale)
	if resource.NewScaledQuantity(units, scale).Cmp(q) > 0 {
		units--
	}
	return units
}

// Of is the amount of one resource, in the unit of its field.
func (r Room) Of(name corev1.ResourceName) int64 {
	switch name {
	case corev1.ResourceCPU:
		return r.CPUMilli
	case corev1.ResourceMemory:
		return r.MemoryBytes
	case corev1.ResourcePods:
		return r.Pods
	case GPU:
		return r.GPUs
	}
	return r.Extended[string(name)]
}
