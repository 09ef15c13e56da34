package agentsim

import (
	"slices"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// open gives the shapes whose nodes the workload may use: the cluster looks for
// itself, as a real scheduler does.
func (c *Cluster) open(d *agent.Desired) []*shape {
	var out []*shape
	for _, s := range c.shapes {
		if admits(s, d) {
			out = append(out, s)
		}
	}
	return out
}

func admits(s *shape, d *agent.Desired) bool {
	if archs := d.Template.Architectures; len(archs) > 0 && s.Arch != "" && !slices.Contains(archs, s.Arch) {
		return false
	}
	for _, r := range d.Nodes {
		if !r.Matches(s.Labels) {
			return false
		}
	}
	return event.Repelled(s.Taints, d.Tolerations) == nil
}
