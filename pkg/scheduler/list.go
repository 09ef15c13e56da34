package scheduler

import (
	"iter"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// Clusters lists what is known of every cluster, by name.
func (s *State) Clusters() []ClusterView {
	out := make([]ClusterView, 0, len(s.clusters.sorted))
	for _, c := range s.clusters.sorted {
		out = append(out, s.clusterView(c))
	}
	return out
}

func (s *State) clusterView(c *cluster) ClusterView {
	v := ClusterView{
		Cluster: c.id, State: c.state(), Incarnation: c.synced, LastCommand: c.next - 1,
		SilentMillis: s.silence(c), Workloads: len(c.seats),
	}
	for _, w := range c.seated() {
		v.Replicas += w.on(c).held()
	}
	v.Price = s.priceView(c)
	r := c.report
	if r == nil {
		return v
	}
	v.Orchestrator, v.Version, v.Provider, v.Region, v.Zone = r.Orchestrator, r.Version, r.Provider, r.Region, r.Zone
	v.Kinds, v.Labels, v.Taints, v.Report, v.AppliedThrough = r.Kinds, r.Labels, r.Taints, r.Report, r.AppliedThrough
	v.Free, v.Allocatable = c.freeRoom().left, c.freeRoom().all
	for i := range c.room.shapes {
		sh := &c.room.shapes[i]
		v.Nodes += sh.shape.Nodes
		v.Shapes = append(v.Shapes, sh.view())
	}
	return v
}

func (s *shapeRoom) view() ShapeView {
	one := free{shapes: []shapeRoom{*s}}
	sum, _ := one.sums()
	return ShapeView{
		Name: s.shape.Name, Arch: s.shape.Arch, Labels: s.shape.Labels, Nodes: s.shape.Nodes, Free: sum, Overdrawn: s.overdrawn,
		Allocatable: event.Resources{CPUMilli: s.shape.CPUMilli, MemoryBytes: s.shape.MemoryBytes, GPUMilli: int64(s.shape.GPUs) * room.Device, Extended: s.shape.Extended},
	}
}

func (c *cluster) state() ClusterState {
	switch {
	case c.left:
		return ClusterLeftFleet
	case c.report == nil:
		return ClusterUnknown
	case c.lost:
		return ClusterGivenUp
	case c.suspected:
		return ClusterSuspect
	case c.draining:
		return ClusterDraining
	case c.cordoned:
		return ClusterCordon
	}
	return ClusterReady
}

// Report is the newest report of a cluster that counts, nil if there is none; not to
// be changed.
func (s *State) Report(id event.ClusterID) *event.ClusterCapacityReported {
	if c := s.clusters.byName[id]; c != nil {
		return c.report
	}
	return nil
}

// Workloads lists what is known of every workload, by name.
func (s *State) Workloads() []WorkloadView {
	out := make([]WorkloadView, 0, len(s.workloads))
	for _, id := range s.workloadIDs() {
		out = append(out, s.workloadView(s.workloads[id]))
	}
	return out
}

// WorkloadsAfter lists the workloads of a tenant, or of all for "", that come after one
// in the order of Workloads; the zero id is before all. A view is made when it is asked
// for, so that a page costs what is on it.
func (s *State) WorkloadsAfter(after event.WorkloadID, tenant event.Tenant) iter.Seq[WorkloadView] {
	return func(yield func(WorkloadView) bool) {
		ids := s.workloadIDs()
		at, found := slices.BinarySearchFunc(ids, after, event.WorkloadID.Compare)
		if found {
			at++
		}
		for _, id := range ids[at:] {
			if (tenant == "" || id.Tenant == tenant) && !yield(s.workloadView(s.workloads[id])) {
				return
			}
		}
	}
}

// Workload gives one workload; false if it is not known.
func (s *State) Workload(id event.WorkloadID) (WorkloadView, bool) {
	w := s.workloads[id]
	if w == nil {
		return WorkloadView{}, false
	}
	return s.workloadView(w), true
}

func (s *State) workloadView(w *workload) WorkloadView {
	said, past := of(w.remarks), of(w.past)
	v := WorkloadView{
		Spec: w.named(), Generation: w.generation, Withdrawn: w.withdrawn, RolledBack: past.rolledBack, Decision: w.decision, Verdict: w.verdict,
		Reason: said.reason, Unfilled: int(w.unfilled), Refusals: said.refusals, Attempt: said.attempt, NotBefore: said.notBefore,
		RefusedPlan: past.refusedPlan,
	}
	for i := range w.portions {
		one := s.assignmentView(w, &w.portions[i])
		v.Assignments, v.Price = append(v.Assignments, one), addUp(v.Price, one.Cost, 1)
	}
	v.Phase = w.phase(v.Assignments)
	return v
}

func (s *State) assignmentView(w *workload, p *portion) AssignmentView {
	v, c := AssignmentView{Assignment: p.assignment()}, p.c
	if c.report != nil {
		v.Cost = c.freeRoom().price(w.spec.Template.Resources, v.Shapes)
	}
	st := w.on(c)
	if st == nil {
		return v
	}
	v.Stale = c.suspected || c.left
	if t := st.standing(); t != nil {
		v.Confirmed = !st.last.pending() || st.confirmed >= t.Number
	}
	v.Ready, v.Succeeded, v.Failed, v.Reasons = int(st.status.ready), int(st.status.succeeded), int(st.status.failed), st.status.reasons()
	return v
}

func (w *workload) phase(all []AssignmentView) Phase {
	ready, succeeded, wanted, staying := 0, 0, 0, 0
	for _, a := range all {
		wanted += a.Replicas
		staying += a.Replicas - a.Leaving
		if !a.Stale { // what nobody can tell is not called ready
			ready += min(a.Ready+a.Succeeded, a.Replicas)
		}
		succeeded += a.Succeeded
	}
	switch {
	case w.withdrawn:
		return PhaseWithdrawing
	case w.decidedGen != w.generation:
		return PhasePending
	case w.verdict == event.VerdictCompleted:
		return PhaseCompleted
	case w.verdict == event.VerdictRefused:
		return PhaseRefused
	case w.standsStill() && staying < w.spec.Replicas:
		return PhaseHeld
	case w.verdict == event.VerdictEvicted && staying < w.spec.Replicas:
		return PhaseProgressing
	case w.spec.Kind == event.KindJob && wanted > 0 && succeeded >= wanted:
		return PhaseCompleted
	case ready >= wanted && !w.moving():
		return PhaseReady
	}
	return PhaseProgressing
}

// named is the wish with the name that the shared copy is without.
func (w *workload) named() event.WorkloadSubmitted {
	out := *w.spec
	out.Name = w.id.Name
	return out
}
