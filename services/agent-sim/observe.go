package agentsim

import (
	"cmp"
	"context"
	"slices"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Observe implements agent.Orchestrator. It is always complete.
func (c *Cluster) Observe(ctx context.Context) (agent.View, error) {
	if err := ctx.Err(); err != nil {
		return agent.View{}, err
	}
	c.enter()
	defer c.leave(false)
	v := agent.View{Facts: c.facts(), Complete: true}
	for _, s := range c.shapes {
		shape := s.NodeShape
		shape.Free = s.groups()
		v.Shapes = append(v.Shapes, shape)
	}
	stranded := map[*object]int{}
	for _, r := range c.waiting {
		if r.phase == pending {
			stranded[r.object]++
		}
	}
	for _, id := range c.ids() {
		o := c.objects[id].seen()
		o.Unschedulable = stranded[c.objects[id]]
		v.Objects = append(v.Objects, o)
	}
	v.Objects = append(v.Objects, c.ending()...)
	slices.SortFunc(v.Objects, func(a, b agent.Object) int { return a.Workload.Compare(b.Workload) })
	return v, nil
}

func (c *Cluster) facts() agent.Facts {
	return agent.Facts{
		Orchestrator: c.spec.Orchestrator,
		Version:      c.spec.Version,
		Provider:     c.spec.Provider,
		Region:       c.spec.Region,
		Zone:         c.spec.Zone,
		Kinds:        c.spec.Kinds,
		Native:       c.spec.Native,
		Labels:       c.spec.Labels,
		Taints:       taints(c.spec.Taints),
	}
}

// seen is the object as an agent sees it.
func (o *object) seen() agent.Object {
	v := agent.Object{
		Workload:   o.desired.Workload,
		Token:      o.desired.Token,
		Generation: o.desired.Generation,
		Hash:       o.hash,
		Wanted:     o.wanted,
	}
	count := map[phase]int{}
	on := map[string]int{}
	for _, r := range o.replicas {
		count[r.phase]++
		if r.hold != nil {
			on[r.hold.node.shape.Name]++
		}
	}
	v.Ready, v.Succeeded = count[ready], count[succeeded]
	v.Pending = max(0, v.Wanted-v.Ready-v.Succeeded)
	for shape, n := range on { // sorted below
		v.Bound = append(v.Bound, event.ShapeUse{Shape: shape, Replicas: n})
	}
	slices.SortFunc(v.Bound, func(a, b event.ShapeUse) int { return cmp.Compare(a.Shape, b.Shape) })
	if n := count[pending]; n > 0 {
		v.Reasons = append(v.Reasons, event.Reason{Reason: "Unbound", Count: n, Message: "no node yet"})
	}
	if n := count[bound] + count[running]; n > 0 {
		v.Reasons = append(v.Reasons, event.Reason{Reason: "Starting", Count: n})
	}
	return v
}

// ending are the workloads without an object whose replicas are still on their nodes.
func (c *Cluster) ending() []agent.Object {
	found := map[event.WorkloadID]*agent.Object{}
	for r := range c.leaving { // the caller sorts
		id := r.object.desired.Workload
		if c.objects[id] != nil {
			continue
		}
		if found[id] == nil {
			found[id] = &agent.Object{Workload: id, Token: r.object.desired.Token, Generation: r.object.desired.Generation, Removed: true}
		}
	}
	var out []agent.Object
	for _, o := range found {
		out = append(out, *o)
	}
	return out
}
