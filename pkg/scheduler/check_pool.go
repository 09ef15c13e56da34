package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

// Pools are named sets of clusters of the fleet's policy. A workload that names pools
// runs in those alone; one that names none runs in every pool open to its tenant and
// on clusters that are in no pool.

func (s *State) pools() []event.Pool {
	if s.fleet == nil {
		return nil
	}
	return s.fleet.Pools
}

func asksPool(s *State, q *query) bool { return len(s.pools()) > 0 || len(q.spec.Policy.Pools) > 0 }

func isPooled(s *State, q *query, c *cluster) bool {
	if !asksPool(s, q) {
		return true
	}
	if c.report == nil {
		return false
	}
	wanted, pooled := q.spec.Policy.Pools, false
	for i := range s.pools() {
		p := &s.pools()[i]
		if !inPool(p, c) {
			continue
		}
		pooled = true
		if openTo(p, q.spec.Tenant) && (len(wanted) == 0 || slices.Contains(wanted, p.Name)) {
			return true
		}
	}
	return !pooled && len(wanted) == 0
}

func inPool(p *event.Pool, c *cluster) bool { return meets(p.Clusters, c.report) }

func openTo(p *event.Pool, tenant event.Tenant) bool {
	return len(p.Tenants) == 0 || slices.Contains(p.Tenants, tenant)
}

// meets says whether the cluster of the report meets every requirement.
func meets(all []event.Requirement, rep *event.ClusterCapacityReported) bool {
	for i := range all {
		if !matchesCluster(all[i], rep) {
			return false
		}
	}
	return true
}

func tellPool(s *State, q *query, c *cluster) Check {
	var in, closed []string
	for i := range s.pools() {
		p := &s.pools()[i]
		if !inPool(p, c) {
			continue
		}
		in = append(in, p.Name)
		if !openTo(p, q.spec.Tenant) {
			closed = append(closed, p.Name)
		}
	}
	message := "in the pools " + strings.Join(in, ", ")
	if len(in) == 0 {
		message = "in no pool"
	}
	if len(closed) > 0 {
		message += "; not open to " + string(q.spec.Tenant) + ": " + strings.Join(closed, ", ")
	}
	if wanted := q.spec.Policy.Pools; len(wanted) > 0 {
		message += ", wanted " + strings.Join(wanted, " or ")
		if unknown := s.unknownPools(wanted); len(unknown) > 0 {
			message += fmt.Sprintf(" (the fleet has no %s)", strings.Join(unknown, ", "))
		}
	}
	return Check{Message: clip(message, maxMessage)}
}

func (s *State) unknownPools(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(s.pools(), func(p event.Pool) bool { return p.Name == name })
	})
}

// repool looks again at everything that is placed when the pools become others:
// what runs outside its pools moves.
func (s *State) repool(d *event.PolicySet) {
	same := slices.EqualFunc(s.pools(), d.Pools, func(a, b event.Pool) bool {
		return a.Name == b.Name && slices.Equal(a.Tenants, b.Tenants) && slices.EqualFunc(a.Clusters, b.Clusters, sameRequirement)
	})
	if same {
		return
	}
	for _, id := range s.workloadIDs() {
		s.touch(s.workloads[id])
	}
}

func sameRequirement(a, b event.Requirement) bool {
	return a.Key == b.Key && a.Operator == b.Operator && slices.Equal(a.Values, b.Values)
}
