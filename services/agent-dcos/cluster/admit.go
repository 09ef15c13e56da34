package cluster

import (
	"context"
	"fmt"
	"math"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/services/agent-dcos/marathon"
	"fairlead.dev/services/agent-dcos/mesos"
)

// admit rejects what Marathon would let wait: replicas without room, and those beyond the quota. It
// looks only for what asks for more than there is.
func (c *Cluster) admit(ctx context.Context, d agent.Desired, m *manifest.Manifest, live *marathon.App) error {
	more, resized := d.Replicas, live != nil && !manifest.Asked(live).Covers(m.Asked)
	if live != nil && !resized {
		more -= live.Instances
	}
	if more <= 0 {
		return nil
	}
	s, err := c.glance(ctx)
	if err != nil {
		return err
	}
	if err := c.withinQuota(ctx, s, d.Workload, d.Replicas, m.Asked); err != nil {
		return err
	}
	if resized { // what a rollout frees and takes on the way is Marathon's affair
		return nil
	}
	known := func(string) bool { return true } // every label of a node is known
	if s.book.Fits(m.Asked, more, func(n *inventory.Node) bool { return n.Suits(d, known) }) {
		return nil
	}
	return &agent.Rejection{
		Reason:  event.RejectReasonCapacity,
		Message: fmt.Sprintf("no nodes with room for %d more replicas", more),
	}
}

// withinQuota compares with the limits of Marathon's role: what others in the role have, what all
// workloads of ours want, and what this one would.
func (c *Cluster) withinQuota(ctx context.Context, s *sight, w event.WorkloadID, replicas int, asked inventory.Room) error {
	limits, err := c.limits(ctx, s.role)
	if err != nil || limits == nil {
		return err
	}
	used := map[string]int64{}
	for _, a := range s.state.Agents.Agents {
		for _, r := range a.Allocated {
			if r.Allocation != nil && r.Allocation.Role == s.role {
				used[r.Name] += r.Milli()
			}
		}
	}
	for name, owned := range s.owned { // counted by what they want instead
		used[name] -= owned
	}
	for id, site := range s.sites {
		if site.Main != nil && id != w {
			add(used, manifest.Asked(site.Main), site.Main.Instances)
		}
	}
	more := map[string]int64{}
	add(more, asked, replicas)
	for _, name := range []string{"cpus", "mem", "gpus"} { // in order, so that one state gives one message
		limit, limited := limits[name]
		most := int64(math.Round(limit.Value * 1000))
		if limited && more[name] > 0 && used[name]+more[name] > most {
			return &agent.Rejection{Reason: event.RejectReasonQuota, Message: fmt.Sprintf(
				"quota of role %s: %s is limited to %s, %s are used, %s are asked for",
				s.role, name, decimal(most), decimal(used[name]), decimal(more[name]))}
		}
	}
	return nil
}

// limits are those of a role; nil for none.
func (c *Cluster) limits(ctx context.Context, role string) (map[string]mesos.Scalar, error) {
	if role == "" || role == "*" {
		return nil, nil
	}
	quotas, err := c.mesos.Quotas(ctx)
	if err != nil {
		return nil, fmt.Errorf("read quotas: %w", err)
	}
	for _, q := range quotas {
		if q.Role == role && len(q.Limits) > 0 {
			return q.Limits, nil
		}
	}
	return nil, nil
}

// add counts n replicas in thousandths of Mesos' units.
func add(sum map[string]int64, asked inventory.Room, n int) {
	sum["cpus"] += int64(n) * asked.CPUMilli
	sum["mem"] += int64(n) * (asked.MemoryBytes >> 10) * 1000 >> 10
	sum["gpus"] += int64(n) * asked.GPUs * 1000
}

func decimal(milli int64) string { return fmt.Sprintf("%d.%03d", milli/1000, max(0, milli%1000)) }
