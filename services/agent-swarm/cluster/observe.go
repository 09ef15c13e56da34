package cluster

import (
	"context"
	"fmt"
	"slices"

	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
	"fairlead.dev/services/agent-swarm/reading"
)

// Observe implements agent.Orchestrator. Shapes and Bound are read from the same tasks. A view that
// could be had is complete.
func (c *Cluster) Observe(ctx context.Context) (agent.View, error) {
	version, err := c.version(ctx)
	if err != nil {
		return agent.View{}, fmt.Errorf("observe the swarm: %w", err)
	}
	s, err := c.look(ctx)
	if err != nil {
		return agent.View{}, fmt.Errorf("observe the swarm: %w", err)
	}
	objects, err := c.objects(ctx, s)
	if err != nil {
		return agent.View{}, fmt.Errorf("observe the swarm: %w", err)
	}
	c.pace.set(s.restless())
	return agent.View{Facts: c.facts(s.book, version), Shapes: s.book.Shapes(), Objects: objects, Complete: true}, nil
}

func (c *Cluster) facts(book *inventory.Book, version string) agent.Facts {
	return agent.Facts{
		Orchestrator: Orchestrator,
		Version:      version,
		Provider:     common(book, c.Provider, func(n *inventory.Node) string { return n.Provider }),
		Region:       common(book, c.Region, func(n *inventory.Node) string { return n.Labels[inventory.LabelRegion] }),
		Zone:         common(book, c.Zone, func(n *inventory.Node) string { return n.Labels[inventory.LabelZone] }),
		Kinds:        []event.Kind{event.KindService, event.KindJob},
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

// objects are the services of ours, and what tasks are left of services that are gone, by workload.
func (c *Cluster) objects(ctx context.Context, s *sight) ([]agent.Object, error) {
	var objects []agent.Object
	known := map[event.WorkloadID]bool{}
	services := map[string]bool{}
	for _, service := range s.services {
		services[service.ID] = true
		id, _ := c.scheme.Owner(service.Spec.Labels)
		if service.Spec.Name != c.scheme.Service(id) { // a copy by hand bears our labels, and is not ours
			continue
		}
		known[id] = true
		objects = append(objects, c.object(s, service))
	}
	left, err := c.remains(ctx, s, services, known)
	objects = append(objects, left...)
	slices.SortFunc(objects, func(a, b agent.Object) int { return a.Workload.Compare(b.Workload) })
	return objects, err
}

// object adds what tasks tell to what the service tells.
func (c *Cluster) object(s *sight, service swarm.Service) agent.Object {
	o := c.scheme.Read(service)
	tasks := current(service, s.tasks[service.ID])
	o.Bound = s.book.Bound(o.Workload, c.read.Asked(service.Spec.TaskTemplate.Resources))
	count(&o, service, tasks)
	return o
}

// current are the tasks of a job's running iteration, and all of a service.
func current(service swarm.Service, tasks []swarm.Task) []swarm.Task {
	if service.JobStatus == nil {
		return tasks
	}
	var now []swarm.Task
	for _, t := range tasks {
		if t.JobIteration != nil && t.JobIteration.Index == service.JobStatus.JobIteration.Index {
			now = append(now, t)
		}
	}
	return now
}

// count fills in what becomes of the replicas.
func count(o *agent.Object, service swarm.Service, tasks []swarm.Task) {
	job := manifest.Kind(service.Spec.Mode) == event.KindJob
	final := job && service.Spec.TaskTemplate.RestartPolicy != nil &&
		service.Spec.TaskTemplate.RestartPolicy.Condition == swarm.RestartPolicyConditionNone
	var reasons []event.Reason
	for _, t := range tasks {
		switch {
		case job && t.Status.State == swarm.TaskStateComplete:
			o.Succeeded++
		case final && (t.Status.State == swarm.TaskStateFailed || t.Status.State == swarm.TaskStateRejected):
			o.Failed++
			reasons = append(reasons, because(t))
		case reading.Ended(t) || reading.Leaving(t):
		case t.Status.State == swarm.TaskStateRunning:
			o.Ready++
		case reading.Unschedulable(t):
			o.Unschedulable++
			reasons = append(reasons, because(t))
		default:
			reasons = append(reasons, because(t))
		}
	}
	o.Ready = min(o.Ready, o.Wanted)
	o.Pending = max(0, o.Wanted-o.Ready-o.Succeeded-o.Failed)
	if o.Pending > 0 {
		reasons = append(reasons, failures(tasks)...)
	}
	o.Reasons = agent.MergeReasons(reasons)
}

// failures tell why replicas are not running for which Swarm is trying again: the newest failure of
// each.
func failures(tasks []swarm.Task) []event.Reason {
	newest := map[int]swarm.Task{} // by slot
	for _, t := range tasks {
		if last, known := newest[t.Slot]; !known || t.CreatedAt.After(last.CreatedAt) {
			if t.Status.State == swarm.TaskStateFailed || t.Status.State == swarm.TaskStateRejected {
				newest[t.Slot] = t
			}
		}
	}
	for _, t := range tasks {
		if t.Status.State == swarm.TaskStateRunning && !reading.Leaving(t) {
			delete(newest, t.Slot)
		}
	}
	reasons := make([]event.Reason, 0, len(newest))
	for _, t := range newest { // they are merged: the order does not matter
		reasons = append(reasons, because(t))
	}
	return reasons
}

func because(t swarm.Task) event.Reason {
	why := reading.Reason(t)
	return agent.ReasonOf(why.Reason, why.Message, 1)
}

// remains are workloads whose service is gone while tasks of it still end: they are on their way out.
func (c *Cluster) remains(ctx context.Context, s *sight, services map[string]bool, known map[event.WorkloadID]bool) ([]agent.Object, error) {
	var left []agent.Object
	for service, tasks := range s.tasks {
		if services[service] {
			continue
		}
		for _, t := range tasks {
			id, _ := c.owner(t)
			if reading.Ended(t) || known[id] {
				continue
			}
			token, err := c.tombstone(ctx, id)
			if err != nil {
				return nil, err
			}
			known[id] = true
			left = append(left, agent.Object{Workload: id, Token: max(1, token), Removed: true})
		}
	}
	return left, nil
}
