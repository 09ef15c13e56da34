package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// A plan of an update in steps shows where all of it goes in the end, not what clusters
// hold until their step comes, and so it is carried out step by step.
func TestAPlanOfARolloutIsWhole(t *testing.T) {
	f := newFleet(t)
	for _, c := range []event.ClusterID{"a", "b", "c"} {
		f.addCluster(c, nil, "small nodes=4 cpu=4 mem=16")
	}
	web := func(replicas int) *event.WorkloadSubmitted {
		return &event.WorkloadSubmitted{
			Tenant: "t", Name: "web", Kind: event.KindService, Replicas: replicas,
			Template: event.Template{Image: "app:1", Resources: event.Resources{CPUMilli: 1000, MemoryBytes: 1 << 30}},
			Policy:   event.Policy{Strategy: event.StrategySpread, Rollout: &event.Rollout{Clusters: 1}},
		}
	}
	generation := f.fact(event.Intents, web(3))
	f.decide()
	f.run()

	spec := web(6)
	e := f.s.Plan(spec)
	spec.Plan = &event.Planned{Generation: generation, State: e.State, Price: e.Price}
	for _, c := range e.Clusters {
		if c.Replicas != 2 {
			t.Errorf("planned %d replicas on %s, want 2", c.Replicas, c.Cluster)
		}
		spec.Plan.Assignments = append(spec.Plan.Assignments, event.PlannedAssignment{Cluster: c.Cluster, Replicas: c.Replicas})
	}
	generation = f.fact(event.Intents, spec)
	d := decisionOn(f.decide(), spec.ID(), generation)
	if d == nil || d.Cause != event.CausePlan || d.Verdict == event.VerdictRefused {
		t.Fatalf("the plan was not carried out: %s", tellOne(d))
	}
	for i, a := range d.Assignments {
		if first := i == 0; a.Waiting == first || a.Replicas != map[bool]int{true: 2, false: 1}[first] {
			t.Errorf("the first step: %s", tellOne(d))
		}
	}
	f.run()
	after, _ := f.s.Workload(spec.ID())
	for _, a := range after.Assignments {
		if a.Replicas != 2 || a.Waiting {
			t.Errorf("in the end: %+v", after.Assignments)
		}
	}
}
