package scheduler

import (
	"fmt"
	"slices"
	"testing"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// TestPlanLaws plans in random histories. A plan that is submitted at once is carried
// out exactly; one that comes late is carried out exactly or refused, and then what
// was wanted before stands as it stood. Questions change nothing.
func TestPlanLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFleet(rt)
		f.replays = rapid.IntRange(0, 9).Draw(rt, "replays") == 0
		f.standby.patience = rapid.SampledFrom([]int{0, 1, 4, 20}).Draw(rt, "standby")
		drawClusters(rt, f)
		for range rapid.IntRange(3, 20).Draw(rt, "steps") {
			step(rt, f)
			f.decide()
			mustAskInVain(rt, f)
			mustKeepPlans(rt, f)
			mustHold(rt, f)
		}
	})
}

// mustAskInVain asks why a workload is not somewhere.
func mustAskInVain(rt *rapid.T, f *fleet) {
	before := f.s.Digest()
	for _, w := range f.s.Workloads() {
		c := rapid.SampledFrom(f.order).Draw(rt, "asked")
		why, ok := f.s.WhyNot(w.Spec.ID(), c)
		if !ok {
			f.tb.Fatalf("%s and %s are not known", w.Spec.ID(), c)
		}
		if m := why.Together; m != nil && len(m.Still) > 0 {
			f.tb.Fatalf("%s on %s: %v mended, still %v", w.Spec.ID(), c, m.Checks, m.Still)
		}
	}
	if f.s.Digest() != before {
		f.tb.Fatal("a question changed the state")
	}
	if p := f.s.Decide(); p != nil {
		f.tb.Fatalf("a question made the leader decide: %s", tellOne(p))
	}
}

// mustKeepPlans plans something, lets something happen or not, and submits it.
func mustKeepPlans(rt *rapid.T, f *fleet) {
	spec := drawSpec(rt, event.WorkloadID{Tenant: "t", Name: event.WorkloadName(rapid.SampledFrom([]string{"a", "b", "planned"}).Draw(rt, "planned"))})
	if Contradiction(spec) != nil {
		return
	}
	e := f.s.Plan(spec)
	if e.Verdict == event.VerdictHeld || e.Verdict == event.VerdictRefused {
		return
	}
	now, known := f.s.Workload(spec.ID())
	spec.Plan = &event.Planned{State: e.State, Price: e.Price}
	if known && !now.Withdrawn {
		spec.Plan.Generation = now.Generation
	}
	for _, c := range e.Clusters {
		if c.Replicas > 0 {
			spec.Plan.Assignments = append(spec.Plan.Assignments, event.PlannedAssignment{Cluster: c.Cluster, Replicas: c.Replicas})
		}
	}
	late := rapid.Bool().Draw(rt, "late")
	if late {
		step(rt, f)
		f.decide()
		now, known = f.s.Workload(spec.ID())
	}
	generation := f.fact(event.Intents, spec)
	d := decisionOn(f.decide(), spec.ID(), generation)
	switch {
	case d == nil:
		f.tb.Fatalf("nothing was decided on a plan: %+v", spec.Plan)
	case d.Verdict != event.VerdictRefused:
		mustBeAsPlanned(rt, spec, d)
	case !late:
		f.tb.Fatalf("a plan was refused at once: %s\n%+v", d.Reason, spec)
	case known && !now.Withdrawn:
		if after, _ := f.s.Workload(spec.ID()); after.Generation != now.Generation || after.RefusedPlan == nil || after.RefusedPlan.Generation != generation {
			f.tb.Fatalf("a refused plan left a trace:\n%+v\n%+v", now, after)
		}
	}
}

func decisionOn(records []event.Payload, id event.WorkloadID, generation uint64) *event.PlacementDecided {
	for _, p := range records {
		if d, ok := p.(*event.PlacementDecided); ok && d.ID() == id && d.Generation == generation {
			return d
		}
	}
	return nil
}

func plannedOn(p *event.Planned, c event.ClusterID) int {
	for _, a := range p.Assignments {
		if a.Cluster == c {
			return a.Replicas
		}
	}
	return 0
}

func mustBeAsPlanned(rt *rapid.T, spec *event.WorkloadSubmitted, d *event.PlacementDecided) {
	var got []event.PlannedAssignment
	for _, a := range d.Assignments {
		n := a.Replicas - a.Leaving
		if a.Waiting && a.Leaving == 0 { // what it grows to comes with its step
			n = max(n, plannedOn(spec.Plan, a.Cluster))
		}
		if n > 0 {
			got = append(got, event.PlannedAssignment{Cluster: a.Cluster, Replicas: n})
		}
	}
	if d.Cause != event.CausePlan || !slices.Equal(got, spec.Plan.Assignments) {
		rt.Fatalf("planned %s, decided because %s: %s", fmt.Sprint(spec.Plan.Assignments), d.Cause, tellOne(d))
	}
}
