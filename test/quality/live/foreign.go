package live

import (
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
	"fairlead.dev/test/openb/trace"
)

// Clusters is how many clusters there are.
func (f *Fleet) Clusters() int { return len(f.sites) }

// Occupy lets somebody else run a pod on a cluster, past the core; the next report
// tells. It says whether there was room.
func (f *Fleet) Occupy(cluster int, name string, p trace.Pod) bool {
	s := f.sites[cluster]
	n := tightest(s.open(p), "", p.Resources)
	if n == nil {
		return false
	}
	s.start(foreign(name), n, p.Resources)
	return true
}

// Vacate ends what somebody else runs on a cluster.
func (f *Fleet) Vacate(cluster int, name string) { f.sites[cluster].end(foreign(name)) }

func foreign(name string) event.WorkloadID {
	return event.WorkloadID{Tenant: "others", Name: event.WorkloadName(name)}
}

// open are the nodes of the cluster that the pod accepts.
func (s *site) open(p trace.Pod) []*node {
	var out []*node
	for _, n := range s.nodes {
		at := slices.IndexFunc(s.shapes, func(sh event.NodeShape) bool { return sh.Name == n.shape })
		if len(p.Models) == 0 || slices.Contains(p.Models, s.shapes[at].Labels[trace.ModelLabel]) {
			out = append(out, n)
		}
	}
	return out
}

// Room says whether the pod fits anywhere in truth: on the nodes as they are, after the
// placements that are under way.
func (f *Fleet) Room(p trace.Pod) bool {
	return slices.ContainsFunc(f.sites, func(s *site) bool {
		if tightest(s.open(p), "", p.Resources) == nil {
			return false
		}
		return tightest(s.ahead().open(p), "", p.Resources) != nil
	})
}

// ahead is the cluster as it will be when what is under way has been placed; what is
// to be withdrawn still runs.
func (s *site) ahead() *site {
	out := &site{f: &Fleet{}, id: s.id, shapes: s.shapes, runs: map[event.WorkloadID]*run{}}
	for _, n := range s.nodes {
		c := *n
		c.free.GPUs = slices.Clone(n.free.GPUs)
		out.nodes = append(out.nodes, &c)
	}
	for i, c := range s.inbox {
		d, ok := c.Payload.(*event.CommandPlace)
		if !ok || len(d.Shapes) != 1 {
			continue
		}
		if n := out.choose(d.Shapes[0], d.Template.Resources); n != nil && room.Fits(n.free, d.Template.Resources) > 0 {
			out.start(event.WorkloadID{Name: event.WorkloadName(fmt.Sprint(i))}, n, d.Template.Resources)
		}
	}
	return out
}
