package reading

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"fairlead.dev/pkg/agent/inventory"
)

// GPU is the extended resource that counts whole GPU devices.
const GPU corev1.ResourceName = "nvidia.com/gpu"

// Allocatable reads what a node offers, rounding down.
func Allocatable(list corev1.ResourceList) inventory.Room { return roomOf(list, floor) }

// Requested reads what a pod asks for, rounding up; it counts as one pod.
func Requested(list corev1.ResourceList) inventory.Room {
	asked := roomOf(list, ceil)
	asked.Instances = 1
	return asked
}

func roomOf(list corev1.ResourceList, whole func(resource.Quantity, resource.Scale) int64) inventory.Room {
	var r inventory.Room
	for name, amount := range list {
		switch {
		case name == corev1.ResourceCPU:
			r.CPUMilli = whole(amount, resource.Milli)
		case name == corev1.ResourceMemory:
			r.MemoryBytes = whole(amount, 0)
		case name == corev1.ResourcePods:
			r.Instances = whole(amount, 0)
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

// Amount is how much of one resource a room has, in the unit of its field.
func Amount(r inventory.Room, name corev1.ResourceName) int64 {
	switch name {
	case corev1.ResourceCPU:
		return r.CPUMilli
	case corev1.ResourceMemory:
		return r.MemoryBytes
	case corev1.ResourcePods:
		return r.Instances
	case GPU:
		return r.GPUs
	}
	return r.Extended[string(name)]
}
