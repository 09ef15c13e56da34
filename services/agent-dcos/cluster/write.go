package cluster

import (
	"context"
	"fmt"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/services/agent-dcos/marathon"
)

// write makes the group what is given, and makes sure that no higher token was written over.
func (c *Cluster) write(ctx context.Context, p place, token uint64, group manifest.Document, force bool) error {
	written, err := c.put(ctx, p, group, force)
	if err != nil {
		return err
	}
	return c.guard(ctx, p, token, written.Version)
}

func (c *Cluster) put(ctx context.Context, p place, group manifest.Document, force bool) (marathon.Written, error) {
	if p.Exists {
		return c.marathon.PutGroup(ctx, c.scheme.Group(p.workload), group, force)
	}
	return c.marathon.CreateGroup(ctx, group)
}

// mostRolls bounds how often one command brings back what it wrote over: each time somebody else was
// in between.
const mostRolls = 6

// guard looks for versions of the fence that came in between, and brings back the one with the highest
// token if it is not on top any more. It gives agent.ErrStale if there is a higher one.
func (c *Cluster) guard(ctx context.Context, p place, token uint64, version string) error {
	p.versions[version] = true
	stale := error(nil)
	for range mostRolls {
		rival, at, err := c.rival(ctx, p)
		if err != nil {
			return fmt.Errorf("look for what was written over: %w", err)
		}
		if rival <= token {
			return stale
		}
		stale = agent.ErrStale
		group, err := c.marathon.Group(ctx, c.scheme.Group(p.workload))
		if err != nil {
			return err
		}
		if c.scheme.Site(p.workload, group).Token() >= rival {
			return stale // it is on top
		}
		c.Log.Warn("a newer command was written over; bringing it back", "workload", p.workload.String(), "token", rival)
		back, err := c.marathon.PutGroup(ctx, c.scheme.Group(p.workload), manifest.Document{"version": at}, true)
		if err != nil {
			return fmt.Errorf("bring back version %s: %w", at, err)
		}
		token, p.versions[back.Version] = rival, true
	}
	return stale
}

// rival is the highest token among the versions of the fence that are not known yet, and its version.
func (c *Cluster) rival(ctx context.Context, p place) (token uint64, at string, err error) {
	fence := c.scheme.Fence(p.workload)
	versions, err := c.marathon.Versions(ctx, fence)
	if err != nil {
		return 0, "", err
	}
	for _, v := range versions {
		if p.versions[v] {
			continue
		}
		p.versions[v] = true
		app, err := c.marathon.AppAt(ctx, fence, v)
		if err != nil {
			return 0, "", err
		}
		if was := manifest.Token(app); was > token {
			token, at = was, v
		}
	}
	return token, at, nil
}

// act names what failed, unless the error is one of those that callers compare.
func act(err error, verb string, w event.WorkloadID) error {
	if err == nil || final(err) {
		return err
	}
	return fmt.Errorf("%s %s: %w", verb, w, err)
}
