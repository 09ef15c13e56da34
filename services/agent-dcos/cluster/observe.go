package cluster

import (
	"context"
	"fmt"
	"slices"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/services/agent-dcos/marathon"
)

// Observe implements agent.Orchestrator. Shapes and Bound are read from one answer of Mesos. A view
// that could be had is complete.
func (c *Cluster) Observe(ctx context.Context) (agent.View, error) {
	s, err := c.look(ctx)
	if err != nil {
		return agent.View{}, fmt.Errorf("observe DC/OS: %w", err)
	}
	return agent.View{Facts: c.facts(s), Shapes: s.book.Shapes(), Objects: c.objects(s), Complete: true}, nil
}

func (c *Cluster) facts(s *sight) agent.Facts {
	return agent.Facts{
		Orchestrator: Orchestrator,
		Version:      s.version,
		Provider:     common(s.book, c.Provider, func(n *inventory.Node) string { return n.Provider }),
		Region:       common(s.book, c.Region, func(n *inventory.Node) string { return n.Labels[inventory.LabelRegion] }),
		Zone:         common(s.book, c.Zone, func(n *inventory.Node) string { return n.Labels[inventory.LabelZone] }),
		Kinds:        []event.Kind{event.KindService},
		Native:       []string{manifest.Native},
		Lacks:        manifest.Lacks(),
		Labels:       c.Labels,
		Taints:       c.Taints,
	}
}

// common is what all nodes say, unless the configuration says otherwise.
func common(book *inventory.Book, said string, f func(*inventory.Node) string) string {
	if said != "" {
		return said
	}
	return book.Common(f)
}

// objects are the workloads that have a main, and those that have tasks without one: they are on
// their way out.
func (c *Cluster) objects(s *sight) []agent.Object {
	var objects []agent.Object
	for w, site := range s.sites {
		if site.Main != nil {
			objects = append(objects, object(s, w, site))
		}
	}
	for w := range s.ending {
		if site := s.sites[w]; site.Main == nil {
			objects = append(objects, agent.Object{Workload: w, Token: max(1, site.Token()), Removed: true})
		}
	}
	slices.SortFunc(objects, func(a, b agent.Object) int { return a.Workload.Compare(b.Workload) })
	return objects
}

// object adds what tasks tell to what the site tells.
func object(s *sight, w event.WorkloadID, site manifest.Site) agent.Object {
	o, app := site.Read(w), site.Main
	o.Bound = s.book.Bound(w, manifest.Asked(app))
	o.Ready = app.TasksRunning
	if len(app.HealthChecks) > 0 {
		o.Ready = app.TasksHealthy
	}
	o.Ready = min(o.Ready, o.Wanted)
	o.Pending = o.Wanted - o.Ready
	if o.Pending == 0 {
		return o
	}
	if item, waits := s.waiting[app.ID]; waits {
		o.Unschedulable = unschedulable(item, o.Pending)
		o.Reasons = append(o.Reasons, declined(item)...)
	}
	o.Reasons = agent.MergeReasons(append(o.Reasons, troubles(app)...))
	return o
}

// unschedulable are the instances for which offers came and none would do.
func unschedulable(item marathon.Waiting, pending int) int {
	if item.Delay.TimeLeftSeconds > 0 || item.Offers.Unused == 0 {
		return 0
	}
	return min(item.Count, pending)
}

// declined tells why offers were declined, in Marathon's words; a reason counts for every instance that
// waits, since an offer is declined for the first reason met.
func declined(item marathon.Waiting) []event.Reason {
	if left := item.Delay.TimeLeftSeconds; left > 0 {
		return []event.Reason{agent.ReasonOf("Delayed", fmt.Sprintf("launched again in %d s, after failures", left), item.Count)}
	}
	var reasons []event.Reason
	for _, d := range item.Offers.LastOffers {
		if d.Declined > 0 {
			reasons = append(reasons, agent.ReasonOf(d.Reason, fmt.Sprintf("%d of %d offers declined", d.Declined, d.Processed), item.Count))
		}
	}
	if len(reasons) == 0 {
		reasons = append(reasons, agent.ReasonOf("Waiting", "for offers", item.Count))
	}
	return reasons
}

// troubles tell of tasks that are there and not ready, and of the last that failed.
func troubles(app *marathon.App) []event.Reason {
	var reasons []event.Reason
	for reason, n := range map[string]int{"Staged": app.TasksStaged, "Unhealthy": app.TasksUnhealthy} { // they are merged: the order does not matter
		if n > 0 {
			reasons = append(reasons, agent.ReasonOf(reason, "", n))
		}
	}
	if f := app.LastTaskFailure; f != nil && manifest.Newer(f.Timestamp, app.Version) {
		reasons = append(reasons, agent.ReasonOf(f.State, f.Message, 1))
	}
	return reasons
}
