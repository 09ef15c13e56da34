package manifest

import (
	"cmp"
	"regexp"

	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
)

// NanoPerMilli is how many of Swarm's billionths make a thousandth of a core.
const NanoPerMilli = 1_000_000

// Keys are the names that the swarm's nodes give to what every cluster has. Empty ones are the
// defaults.
type Keys struct {
	inventory.Keys        // node labels: region, zone, instance-type, provider
	GPU            string // kind of generic resource; NVIDIA-GPU
}

// WithDefaults fills in what is empty.
func (k Keys) WithDefaults() Keys {
	return Keys{
		Keys: inventory.Keys{
			Region:       cmp.Or(k.Region, "region"),
			Zone:         cmp.Or(k.Zone, "zone"),
			InstanceType: cmp.Or(k.InstanceType, "instance-type"),
			Provider:     cmp.Or(k.Provider, "provider"),
		},
		GPU: cmp.Or(k.GPU, "NVIDIA-GPU"),
	}
}

// Swarm reads a constraint by these patterns, and compares values without regard to case.
var (
	constraintKey   = regexp.MustCompile(`^(?i)[a-z_][a-z0-9\-_.]+$`)
	constraintValue = regexp.MustCompile(`^(?i)[a-z0-9:\-_\s\.\*\(\)\?\+\[\]\\\^\$\|\/]+$`)
)

func (k Keys) placement(d agent.Desired) (*swarm.Placement, error) {
	p := &swarm.Placement{Platforms: platforms(d.Template.Architectures)}
	for _, r := range d.Nodes {
		operator := "=="
		if r.Operator == event.OperatorNotIn {
			operator = "!="
		}
		key := "node.labels." + k.Own(r.Key)
		for _, value := range r.Values {
			if !constraintKey.MatchString(key) || !constraintValue.MatchString(value) {
				return nil, agent.Reject(event.RejectReasonUnsupported, "condition on node label %s: Swarm has no constraint for %q", r.Key, value)
			}
			p.Constraints = append(p.Constraints, key+operator+value)
		}
	}
	return p, nil
}

// platforms are the architectures as Docker names them, on Linux.
func platforms(architectures []string) []swarm.Platform {
	list := []swarm.Platform{{OS: "linux"}}
	if len(architectures) > 0 {
		list = nil
	}
	for _, a := range architectures {
		list = append(list, swarm.Platform{Architecture: a, OS: "linux"})
	}
	return list
}
