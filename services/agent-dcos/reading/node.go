package reading

import (
	"cmp"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/services/agent-dcos/mesos"
)

const mebi = 1 << 20

// Reader reads a cluster by the names that its nodes use.
type Reader struct {
	Keys manifest.Keys
	// Role is Marathon's; * or empty for none of its own.
	Role string
}

// Node keeps of an agent what reports need.
func (r Reader) Node(a mesos.Agent) *inventory.Node {
	labels := map[string]string{}
	provider, arch := "", r.Keys.AllArch
	note := func(name, value string) {
		switch {
		case value == "":
		case name == r.Keys.Provider:
			provider = value
		case name == r.Keys.Arch:
			arch = cmp.Or(r.Keys.AllArch, value)
		default:
			labels[r.Keys.Standard(name)] = value
		}
	}
	for _, attribute := range a.Info.Attributes {
		if attribute.Text != nil {
			note(attribute.Name, attribute.Text.Value)
		}
	}
	note(manifest.FieldRegion, a.Info.Domain.FaultDomain.Region.Name)
	note(manifest.FieldZone, a.Info.Domain.FaultDomain.Zone.Name)
	room := r.Room(a.Total)
	room.Instances = inventory.Unlimited
	return &inventory.Node{
		Name:     a.Info.ID.Value,
		Room:     room,
		Arch:     arch,
		Labels:   labels,
		Open:     a.Active && !a.Deactivated && a.Drain == nil,
		Provider: provider,
	}
}

// Room adds up what of a list of resources Marathon may use.
func (r Reader) Room(list []mesos.Resource) inventory.Room {
	var cpu, mem, gpu int64 // in thousandths
	for _, x := range list {
		if role := x.Reserved(); x.Revocable != nil || role != "" && role != r.Role {
			continue
		}
		switch x.Name {
		case "cpus":
			cpu += x.Milli()
		case "mem":
			mem += x.Milli()
		case "gpus":
			gpu += x.Milli()
		}
	}
	return inventory.Room{CPUMilli: cpu, MemoryBytes: mem * mebi / 1000, GPUs: gpu / 1000, Instances: 1}
}
