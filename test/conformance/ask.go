package main

import (
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// ask submits what the case asks for and lets it be decided. Clusters that are not in the
// case any more leave in the same moment.
func (w *world) ask() error {
	spec := w.wish()
	for _, id := range slices.Sorted(maps.Keys(w.names)) {
		if !slices.ContainsFunc(w.c.Clusters, func(m member) bool { return clusterID(m.Name) == id }) {
			if err := w.leave(id); err != nil {
				return err
			}
		}
	}
	plan := w.state.Plan(spec)
	w.plan = &plan
	if err := w.submit(spec); err != nil {
		return err
	}
	return w.settle()
}

// wish is the case's request as a workload. One of nothing but a choice of clusters is a
// replica on each, or one for each that is wanted.
func (w *world) wish() *event.WorkloadSubmitted {
	r := &w.c.Request
	replicas := max(1, r.ClustersWanted)
	if r.Replicas != nil {
		replicas = *r.Replicas
	}
	spec := w.spec(subject, replicas)
	if w.c.Request.Kind != "" {
		spec.Kind = kindOf(r.Kind)
	}
	spec.Policy = policyOf(w.c)
	return spec
}

// decision is the newest one about the subject.
func (w *world) decision() (*event.PlacementDecided, error) {
	d := w.decided[subject]
	if d == nil {
		return nil, fmt.Errorf("nothing was decided")
	}
	return d, nil
}

// names of clusters in the case's words.
func (w *world) placed() map[string]int {
	out := map[string]int{}
	standing := w.standing(subject)
	for _, id := range slices.Sorted(maps.Keys(standing)) {
		out[w.names[id]] = standing[id]
	}
	return out
}

// why is how a decision that places nothing, or too little, is explained.
func why(d *event.PlacementDecided) string {
	text := string(d.Verdict)
	if d.Reason != "" {
		text += ": " + d.Reason
	}
	for _, r := range d.Refusals {
		text += fmt.Sprintf("; %s %d×, nearest %s (%s)", r.Check, r.Clusters, r.Nearest, r.Message)
	}
	return text
}

// row is a cluster's part of the explanation of what stands.
func (w *world) row(name string) (scheduler.ClusterChecks, error) {
	e, err := w.explain(subject)
	if err != nil {
		return scheduler.ClusterChecks{}, err
	}
	return rowOf(e, name)
}

// planned is a cluster's part of the explanation that went with the decision: that of
// the plan, before the subject stands anywhere anew.
func (w *world) planned(name string) (scheduler.ClusterChecks, error) { return rowOf(*w.plan, name) }

func rowOf(e scheduler.Explanation, name string) (scheduler.ClusterChecks, error) {
	i := slices.IndexFunc(e.Clusters, func(r scheduler.ClusterChecks) bool { return r.Cluster == clusterID(name) })
	if i < 0 {
		return scheduler.ClusterChecks{}, fmt.Errorf("%s is not in the explanation", name)
	}
	return e.Clusters[i], nil
}

// failed names the checks of a cluster that did not pass.
func failed(row scheduler.ClusterChecks) []string {
	var out []string
	for _, ch := range row.Checks {
		if !ch.OK {
			out = append(out, ch.Name+" ("+ch.Message+")")
		}
	}
	return out
}
