package fairlead

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/connection"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/planfile"
	"fairlead.dev/services/fairlead/workfile"
)

// plansFolder is where plans are kept between `plan` and `submit --plan`.
func (s *Session) plansFolder() string {
	return filepath.Join(filepath.Dir(connection.DevFile(s.Getenv)), "plans")
}

// keepable makes the plan to be kept of what was planned; false where there is nothing
// to carry out, or not all of it could be.
func keepable(plans []planned, made time.Time) (planfile.Plan, bool, error) {
	var parts []planfile.Part
	changes := false
	for _, p := range plans {
		if p.Verdict == event.VerdictHeld || p.Verdict == event.VerdictRefused {
			return planfile.Plan{}, false, nil
		}
		changes = changes || p.Changed
		parts = append(parts, planfile.Part{Wanted: p.spec, Outcome: p.outcome()})
	}
	if !changes {
		return planfile.Plan{}, false, nil
	}
	plan, err := planfile.New(made, parts)
	return plan, err == nil, err
}

// outcome is what submitting with the plan insists on.
func (p planned) outcome() event.Planned {
	out := event.Planned{Generation: p.against, State: p.State, Price: p.Price}
	for _, c := range p.Clusters {
		if c.Replicas > 0 {
			out.Assignments = append(out.Assignments, event.PlannedAssignment{Cluster: c.Cluster, Replicas: c.Replicas})
		}
	}
	return out
}

// against is the generation that a plan was made against: Plan counts one on from
// the one that stands.
func against(e scheduler.Explanation, withdrawn bool) uint64 {
	if withdrawn || e.Generation == 0 {
		return 0
	}
	return e.Generation - 1
}

// addPlan puts the plan into the workloads that were read. They must be those that
// were planned, as they were written then.
func (o *submitOptions) addPlan() error {
	plan, err := planfile.Find(o.plansFolder(), o.plan)
	if errors.Is(err, planfile.ErrUnknown) {
		return exit.Errorf(exit.NotFound, "no plan %s in %s: plans stay where they were made; `fairlead plan --save FILE` makes one to carry", o.plan, o.plansFolder())
	}
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	for _, part := range plan.Parts {
		if !slices.ContainsFunc(o.docs, func(d workfile.Document) bool { return d.Workload.ID() == part.Wanted.ID() }) {
			return exit.Errorf(exit.Usage, "plan %s is also for %s, which is not in the files", plan.ID, part.Wanted.ID())
		}
	}
	for _, d := range o.docs {
		at := slices.IndexFunc(plan.Parts, func(p planfile.Part) bool { return p.Wanted.ID() == d.Workload.ID() })
		if at < 0 {
			return exit.Errorf(exit.Usage, "plan %s is not for %s (%s:%d)", plan.ID, d.Workload.ID(), d.File, d.Line)
		}
		if !plan.Parts[at].Wants(d.Workload) {
			return exit.Errorf(exit.StalePlan, "the plan is stale: %s was changed since %s was made; plan again", d.File, plan.ID)
		}
		outcome := plan.Parts[at].Outcome
		d.Workload.Plan = &outcome
	}
	return nil
}

// stalePlan is the error for a submission whose plan was refused; nil for any other.
func stalePlan(v *scheduler.WorkloadView, generation uint64) error {
	if r := v.RefusedPlan; r != nil && generation > 0 && r.Generation == generation {
		return exit.With(exit.StalePlan, fmt.Errorf("%s: %s; nothing was changed (see `fairlead explain %s --at %s`)",
			v.Spec.ID(), r.Reason, v.Spec.ID(), decisionID(r.Decision)))
	}
	return nil
}
