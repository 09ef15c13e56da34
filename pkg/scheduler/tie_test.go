package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// drawTies ties a workload to the places of others.
func drawTies(rt *rapid.T, p *event.Policy, self event.WorkloadName) {
	other := event.WorkloadName(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "other"))
	if other == self {
		return
	}
	tie := []event.Affinity{{Workloads: []event.WorkloadName{other}, By: rapid.SampledFrom([]string{"cluster", "zone"}).Draw(rt, "by")}}
	switch rapid.IntRange(0, 2).Draw(rt, "tie") {
	case 0:
		p.Affinity = tie
	case 1:
		p.AntiAffinity = tie
	case 2:
		p.Along, p.MinReplicas = other, 0
	}
}

// placeOf is a cluster's place as the oracle sees it.
func (f *fleet) placeOf(by string, id event.ClusterID) string {
	if by == "zone" {
		return f.clusters[id].rep.Zone
	}
	return string(id)
}

// staysIn says whether replicas of a workload are to stay in the place of a cluster.
func (f *fleet) staysIn(name event.WorkloadName, by string, id event.ClusterID) bool {
	w, ok := f.s.Workload(event.WorkloadID{Tenant: "t", Name: name})
	return ok && !w.Withdrawn && slices.ContainsFunc(w.Assignments, func(a AssignmentView) bool {
		return a.Replicas > a.Leaving && f.placeOf(by, a.Cluster) == f.placeOf(by, id)
	})
}

// mustKeepTies: what stays of a placed workload is near, apart and along as it says,
// unless the other is held where it is, the word of a cluster is awaited, or its turn to
// leave has not come.
func mustKeepTies(rt *rapid.T, f *fleet, w *WorkloadView) {
	p := &w.Spec.Policy
	if f.s.driven(f.s.workloads[w.Spec.ID()]) != "" && !f.s.mayEvict() {
		return
	}
	for _, a := range w.Assignments {
		if a.Replicas == a.Leaving || w.Verdict == event.VerdictHeld || w.Verdict == event.VerdictEvicted || w.Verdict == event.VerdictRefused || w.Withdrawn {
			continue
		}
		for _, t := range p.Affinity {
			if !f.staysIn(t.Workloads[0], t.By, a.Cluster) && !f.circular(w) {
				f.tb.Fatalf("%s is on %s, %s is not near", w.Spec.Name, a.Cluster, t.Workloads[0])
			}
		}
		for _, t := range p.AntiAffinity {
			if o, ok := f.s.Workload(event.WorkloadID{Tenant: "t", Name: t.Workloads[0]}); ok && o.Generation < w.Generation && f.staysIn(t.Workloads[0], t.By, a.Cluster) {
				f.tb.Fatalf("%s is on %s, so is %s", w.Spec.Name, a.Cluster, t.Workloads[0])
			}
		}
		if p.Along != "" && !f.staysIn(p.Along, "cluster", a.Cluster) {
			f.tb.Fatalf("%s is on %s, %s is not", w.Spec.Name, a.Cluster, p.Along)
		}
	}
}

// circular says whether following affinities leads back to the workload.
func (f *fleet) circular(w *WorkloadView) bool {
	at := *w
	for range 4 {
		if len(at.Spec.Policy.Affinity) == 0 {
			return false
		}
		next, ok := f.s.Workload(event.WorkloadID{Tenant: "t", Name: at.Spec.Policy.Affinity[0].Workloads[0]})
		if !ok {
			return false
		}
		if next.Spec.Name == w.Spec.Name {
			return true
		}
		at = next
	}
	return false
}

// tiesAllow says whether where others really are leaves a cluster open.
func (f *fleet) tiesAllow(w *WorkloadView, id event.ClusterID) bool {
	p := &w.Spec.Policy
	for _, t := range p.Affinity {
		if !f.staysIn(t.Workloads[0], t.By, id) {
			return false
		}
	}
	for _, o := range f.s.Workloads() {
		mine := slices.ContainsFunc(p.AntiAffinity, func(t event.Affinity) bool { return t.Workloads[0] == o.Spec.Name && f.runsIn(o.Spec.Name, t.By, id) })
		theirs := slices.ContainsFunc(o.Spec.Policy.AntiAffinity, func(t event.Affinity) bool {
			return t.Workloads[0] == w.Spec.Name && f.runsIn(o.Spec.Name, t.By, id)
		})
		if mine || theirs {
			return false
		}
	}
	return p.Along == "" || f.staysIn(p.Along, "cluster", id)
}

// runsIn says whether clusters in the place of one run anything of the workload.
func (f *fleet) runsIn(name event.WorkloadName, by string, id event.ClusterID) bool {
	return slices.ContainsFunc(f.order, func(c event.ClusterID) bool {
		return f.placeOf(by, c) == f.placeOf(by, id) && f.clusters[c].objects[event.WorkloadID{Tenant: "t", Name: name}] != nil
	})
}
