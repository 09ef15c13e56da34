package main

import (
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// agent is a cluster and what speaks for it. It either has slots, each as large as one
// replica that the case asks for, and carries out what it is told; or it has nodes as
// the case gives them and stays silent after its first report, so that every command
// stays under way.
type agent struct {
	id           event.ClusterID
	orchestrator string
	kinds        []event.Kind
	facts        event.ClusterCapacityReported // region, labels, taints: what does not change
	slots        int                           // free or taken by what it is told
	total        int                           // with those that others take, where that is more
	slot         event.Resources               // how large each is
	fixed        []event.NodeShape             // instead of slots
	silent       bool

	incarnation, answered, through, report, statuses uint64
	held                                             map[event.WorkloadID]event.CommandPlace
	ready                                            map[event.WorkloadID]observed
	news                                             []event.WorkloadID
	dirty                                            bool
}

// hear takes what placement says to this cluster.
func (a *agent) hear(p event.Payload) {
	switch d := p.(type) {
	case *event.CommandSynchronise:
		if d.Cluster == a.id {
			a.answered, a.dirty = d.Incarnation, true
			a.held, a.through = map[event.WorkloadID]event.CommandPlace{}, d.First-1
		}
	case *event.CommandPlace:
		if d.Cluster == a.id && !a.silent {
			id := event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
			a.held[id] = *d
			a.settle(id, d.Number)
		}
	case *event.CommandWithdraw:
		if d.Cluster == a.id && !a.silent {
			id := event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
			delete(a.held, id)
			a.settle(id, d.Number)
		}
	}
}

func (a *agent) settle(id event.WorkloadID, number uint64) {
	a.through, a.dirty = max(a.through, number), true
	a.news = append(a.news, id)
	if o, ok := a.ready[id]; ok { // what was observed was of the old number of replicas
		wanted := a.held[id].Replicas
		ready := min(o.Ready, wanted)
		a.ready[id] = observed{Ready: ready, Unschedulable: min(o.Unschedulable, wanted-ready)}
	}
}

// answer reports what is new and says whether anything was.
func (a *agent) answer(f *federation) (bool, error) {
	if a.answered == 0 || a.answered != a.incarnation {
		return false, nil
	}
	busy := a.dirty || len(a.news) > 0
	for _, id := range a.news {
		if err := a.reportStatus(f, id); err != nil {
			return busy, err
		}
	}
	a.news = nil
	if !a.dirty {
		return busy, nil
	}
	a.dirty = false
	return busy, a.reportCapacity(f)
}

func (a *agent) reportStatus(f *federation, id event.WorkloadID) error {
	c := a.held[id]
	o, ok := a.ready[id]
	if !ok {
		o.Ready = c.Replicas
	}
	a.statuses++
	_, err := f.publish(event.AgentSource(a.id), &event.WorkloadStatusReported{
		Cluster: a.id, Incarnation: a.incarnation, Report: a.statuses, Tenant: id.Tenant, Workload: id.Name,
		Generation: c.Generation, Token: c.Number, Wanted: c.Replicas, Ready: o.Ready,
		Pending: max(o.Unschedulable, c.Replicas-o.Ready), Unschedulable: o.Unschedulable,
		Last: &event.Settled{Number: a.through, Outcome: event.OutcomeApplied},
	})
	return err
}

func (a *agent) reportCapacity(f *federation) error {
	a.report++
	r := a.facts
	r.Cluster, r.Incarnation, r.Report, r.AppliedThrough = a.id, a.incarnation, a.report, a.through
	r.Orchestrator, r.Kinds, r.Shapes = a.orchestrator, a.kinds, a.shapes()
	_, err := f.publish(event.AgentSource(a.id), &r)
	return err
}

// shapes are the nodes with what is free now.
func (a *agent) shapes() []event.NodeShape {
	if a.fixed != nil {
		return a.fixed
	}
	used := 0
	for _, id := range slices.SortedFunc(maps.Keys(a.held), event.WorkloadID.Compare) {
		used += a.held[id].Replicas
	}
	nodes := max(a.total, a.slots, used)
	if nodes == 0 {
		return []event.NodeShape{}
	}
	s := event.NodeShape{
		Name: "slot", Nodes: nodes, CPUMilli: a.slot.CPUMilli, MemoryBytes: a.slot.MemoryBytes,
		Free: []event.FreeNodes{},
	}
	open := max(0, a.slots-used)
	if open > 0 {
		s.Free = append(s.Free, event.FreeNodes{Nodes: open, CPUMilli: a.slot.CPUMilli, MemoryBytes: a.slot.MemoryBytes})
	}
	if open < nodes {
		s.Free = append(s.Free, event.FreeNodes{Nodes: nodes - open})
	}
	return []event.NodeShape{s}
}
