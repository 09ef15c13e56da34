package cluster

import (
	"context"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/manifest"
)

// Observe implements agent.Orchestrator from what the informers hold. Shapes and Bound are read under
// one lock from the same pods.
func (c *Cluster) Observe(context.Context) (agent.View, error) {
	complete := c.sight.clear()
	c.mu.Lock()
	defer c.mu.Unlock()
	return agent.View{
		Facts:    c.facts(),
		Shapes:   c.book.Shapes(),
		Objects:  c.owned(),
		Complete: complete,
	}, nil
}

func (c *Cluster) facts() agent.Facts {
	return agent.Facts{
		Orchestrator: Orchestrator,
		Version:      c.version,
		Provider:     c.common(c.Provider, func(n *inventory.Node) string { return n.Provider }),
		Region:       c.common(c.Region, label(inventory.LabelRegion)),
		Zone:         c.common(c.Zone, label(inventory.LabelZone)),
		Kinds:        []event.Kind{event.KindService, event.KindJob},
		Lacks:        manifest.Lacks(),
		Labels:       c.Labels,
		Taints:       c.Taints,
	}
}

// common is what all nodes say, unless the configuration says otherwise.
func (c *Cluster) common(said string, f func(*inventory.Node) string) string {
	if said != "" {
		return said
	}
	return c.book.Common(f)
}

func label(key string) func(*inventory.Node) string {
	return func(n *inventory.Node) string { return n.Labels[key] }
}

// owned lists one object per workload, ordered by workload.
func (c *Cluster) owned() []agent.Object {
	chosen := map[event.WorkloadID]*manifest.Object{}
	for _, k := range c.known() {
		o := c.current(k)
		if o == nil || !c.named(o) {
			continue
		}
		if other := chosen[o.Workload]; other == nil || prevails(o, other) {
			chosen[o.Workload] = o
		}
	}
	owned := make([]agent.Object, 0, len(chosen))
	for _, id := range slices.SortedFunc(maps.Keys(chosen), event.WorkloadID.Compare) {
		owned = append(owned, c.complete(chosen[id]))
	}
	return owned
}

// known are the keys of all objects, in no order.
func (c *Cluster) known() []key {
	keys := make([]key, 0, len(c.objects)+len(c.written))
	for k := range c.objects {
		keys = append(keys, k)
	}
	for k := range c.written {
		if c.objects[k] == nil {
			keys = append(keys, k)
		}
	}
	return keys
}

// named says whether an object stands where its labels say that it should: a copy under another name
// carries our labels, but is not ours.
func (c *Cluster) named(o *manifest.Object) bool {
	namespace, err := c.scheme.Namespace(o.Workload.Tenant)
	return err == nil && o.Namespace == namespace && o.Name == string(o.Workload.Name)
}

// prevails chooses between a workload's Deployment and its Job, where a change of kind has left both
// for a moment: what stays before what goes, then the higher token.
func prevails(o, other *manifest.Object) bool {
	if o.Removed != other.Removed {
		return other.Removed
	}
	return o.Token > other.Token
}

// complete adds what pods tell to what the object tells.
func (c *Cluster) complete(o *manifest.Object) agent.Object {
	full := o.Object
	full.Bound = c.book.Bound(o.Workload, o.Asked)
	reasons := slices.Clone(o.Reasons)
	if full.Pending > 0 {
		c.book.Claims(o.Workload, func(p *inventory.Claim) {
			if !p.Ready && !p.Ended && !p.Leaving {
				reasons = append(reasons, agent.ReasonOf(p.Reason.Reason, p.Reason.Message, 1))
				if p.Reason.Reason == corev1.PodReasonUnschedulable {
					full.Unschedulable++
				}
			}
		})
	}
	full.Reasons = agent.MergeReasons(reasons)
	return full
}
