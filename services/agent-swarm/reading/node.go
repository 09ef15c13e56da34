package reading

import (
	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/services/agent-swarm/manifest"
)

// Reader reads a swarm by the names that its nodes use.
type Reader struct {
	Keys manifest.Keys
	// ReservedCPUMilli and ReservedMemoryBytes of every node are not offered.
	ReservedCPUMilli, ReservedMemoryBytes int64
}

// Node keeps of a node what reports need. ok is false for a node that runs no Linux: the portable
// template knows nothing else.
func (r Reader) Node(n swarm.Node) (node *inventory.Node, ok bool) {
	platform := n.Description.Platform
	labels := make(map[string]string, len(n.Spec.Labels))
	for key, value := range n.Spec.Labels {
		labels[r.Keys.Standard(key)] = value
	}
	return &inventory.Node{
		Name:     n.ID,
		Room:     r.room(n.Description.Resources),
		Arch:     architecture(platform.Architecture),
		Labels:   labels,
		Open:     n.Status.State == swarm.NodeStateReady && n.Spec.Availability == swarm.NodeAvailabilityActive,
		Provider: n.Spec.Labels[r.Keys.Provider],
	}, platform.OS == "" || platform.OS == "linux"
}

// room is what a node offers.
func (r Reader) room(has swarm.Resources) inventory.Room {
	room := inventory.Room{
		CPUMilli:    max(0, has.NanoCPUs/manifest.NanoPerMilli-r.ReservedCPUMilli),
		MemoryBytes: max(0, has.MemoryBytes-r.ReservedMemoryBytes),
		Instances:   inventory.Unlimited,
	}
	r.count(&room, has.GenericResources)
	return room
}

// count adds generic resources; one that has a name is one unit.
func (r Reader) count(room *inventory.Room, list []swarm.GenericResource) {
	for _, g := range list {
		kind, units := "", int64(0)
		if g.NamedResourceSpec != nil {
			kind, units = g.NamedResourceSpec.Kind, 1
		}
		if g.DiscreteResourceSpec != nil {
			kind, units = g.DiscreteResourceSpec.Kind, g.DiscreteResourceSpec.Value
		}
		if kind == r.Keys.GPU {
			room.GPUs += units
			continue
		}
		if room.Extended == nil {
			room.Extended = map[string]int64{}
		}
		room.Extended[kind] += units
	}
}

// architecture is as in GOARCH; Docker says what uname does.
func architecture(machine string) string {
	switch machine {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "armv6l", "armv7l":
		return "arm"
	case "i386", "i686":
		return "386"
	}
	return machine
}
