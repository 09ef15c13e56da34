package cluster

import (
	"context"
	"fmt"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
)

// Apply implements agent.Orchestrator.
func (c *Cluster) Apply(ctx context.Context, d agent.Desired) error {
	m, err := c.scheme.Build(d, c.Keys)
	if err != nil {
		return err
	}
	err = c.insist(ctx, d.Workload, c.ForceAfter, func(force bool) error { return c.apply(ctx, d, m, force) })
	if err == nil {
		c.hints.Give()
	}
	return refusal(act(err, "apply", d.Workload))
}

// apply is one reading, one comparison and one write.
func (c *Cluster) apply(ctx context.Context, d agent.Desired, m *manifest.Manifest, force bool) error {
	p, err := c.read(ctx, d.Workload)
	if err != nil {
		return err
	}
	switch {
	case p.Foreign != "":
		return &agent.Rejection{
			Reason:  event.RejectReasonConflict,
			Message: fmt.Sprintf("%s exists and is not of %s in %s", p.Foreign, d.Workload, c.Cluster),
		}
	case p.Forbids(d.Token):
		return agent.ErrStale
	case p.Same(m):
		return nil
	}
	if err := c.admit(ctx, d, m, p.Main); err != nil {
		return err
	}
	p.Count(m.Fence)
	return c.write(ctx, p, d.Token, c.scheme.GroupOf(d.Workload, m.Main, m.Fence), force)
}

// place is a site and what Marathon knew of its fence before it was read.
type place struct {
	manifest.Site
	workload event.WorkloadID
	versions map[string]bool
}

// read reads the versions first: whatever is written after that is either in the site or a version that
// is not known.
func (c *Cluster) read(ctx context.Context, w event.WorkloadID) (place, error) {
	p := place{workload: w, versions: map[string]bool{}}
	versions, err := c.marathon.Versions(ctx, c.scheme.Fence(w))
	if err != nil {
		return p, err
	}
	for _, v := range versions {
		p.versions[v] = true
	}
	group, err := c.marathon.Group(ctx, c.scheme.Group(w))
	if err != nil {
		return p, err
	}
	p.Site = c.scheme.Site(w, group)
	if group == nil {
		app, err := c.marathon.HasApp(ctx, c.scheme.Group(w))
		if err != nil {
			return p, err
		}
		if app {
			p.Foreign = c.scheme.Group(w)
		}
	}
	return p, nil
}
