package event

import (
	"cmp"
	"fmt"
)

const maxSeconds = 31_536_000 // a year

// check looks at the form of each member. Members that contradict each other are
// the business of Contradiction: an event that says so is still an event.
func (p *Policy) check() error {
	err := cmp.Or(
		p.checkPlaces(),
		p.checkDivision(),
		p.checkOthers(),
		each("prefer", p.Prefer, 32, (*Preference).check),
		each("data", p.Data, 32, (*Data).check),
		each("audience", p.Audience, 32, (*Audience).check),
		amount("maxPrice", p.MaxPrice),
		within("priority", p.Priority, -1_000_000, 1_000_000),
		text("priorityClass", p.PriorityClass, maxWord),
		within("failoverSeconds", p.FailoverSeconds, 0, maxSeconds),
	)
	if err != nil {
		return fmt.Errorf("policy.%w", err)
	}
	return nil
}

// checkPlaces checks what says which clusters and nodes are open.
func (p *Policy) checkPlaces() error {
	return cmp.Or(
		each("clusters", p.Clusters, 64, (*Requirement).check),
		each("match", p.Match, 32, (*Term).check),
		each("nodes", p.Nodes, 64, (*Requirement).check),
		texts("orchestrators", p.Orchestrators, maxWord, 16),
		texts("pools", p.Pools, maxWord, 64),
		texts("regions", p.Regions, maxName, 256),
		texts("residency", p.Residency, maxName, 256),
		each("tolerations", p.Tolerations, 64, (*Toleration).check),
	)
}

// checkDivision checks what says how replicas are divided.
func (p *Policy) checkDivision() error {
	return cmp.Or(
		oneOf("strategy", p.Strategy, "", StrategySpread, StrategyPack, StrategyDuplicate,
			StrategyWeighted, StrategyAvailable),
		oneOf("division", p.Division, "", DivisionSteady, DivisionFresh),
		each("weights", p.Weights, 256, (*Weight).check),
		each("tiers", p.Tiers, 32, (*Tier).check),
		each("spread", p.Spread, 8, (*Spread).check),
		replicas("minReplicas", p.MinReplicas),
		replicas("minPerCluster", p.MinPerCluster),
		replicas("maxPerCluster", p.MaxPerCluster),
		replicas("maxClusters", p.MaxClusters),
	)
}

// checkOthers checks what ties the workload to others, and what changes over time.
func (p *Policy) checkOthers() error {
	if p.Along != "" {
		if err := checkID("along", p.Along); err != nil {
			return err
		}
	}
	return cmp.Or(
		each("affinity", p.Affinity, 16, (*Affinity).check),
		each("antiAffinity", p.AntiAffinity, 16, (*Affinity).check),
		each("overrides", p.Overrides, 64, (*Override).check),
		p.Rollout.check(),
		p.Progress.check(),
	)
}

func (t *Term) check() error {
	return cmp.Or(
		each("clusters", t.Clusters, 64, (*Requirement).check),
		texts("expressions", t.Expressions, 2048, 16),
	)
}

func (t *Tier) check() error {
	return cmp.Or(text("name", t.Name, maxWord), each("clusters", t.Clusters, 64, (*Requirement).check))
}

func (s *Spread) check() error {
	return cmp.Or(word("by", s.By, maxName), replicas("min", s.Min), replicas("max", s.Max))
}

func (a *Affinity) check() error {
	if err := atMost("workloads", len(a.Workloads), 64); err != nil {
		return err
	}
	for _, name := range a.Workloads {
		if err := checkID("workloads", name); err != nil {
			return err
		}
	}
	return cmp.Or(each("labels", a.Labels, 64, (*Requirement).check), text("by", a.By, maxName))
}

func (o *Override) check() error {
	return cmp.Or(
		each("clusters", o.Clusters, 64, (*Requirement).check),
		text("image", o.Image, 1024),
		texts("command", o.Command, 32768, 256),
		texts("args", o.Args, 32768, 1024),
		textMap("env", o.Env, 32768, 1024),
		labels(o.Labels),
	)
}

func (r *Rollout) check() error {
	if r == nil {
		return nil
	}
	return cmp.Or(
		each("rollout.groups", r.Groups, 64, (*RolloutGroup).check),
		within("rollout.clusters", r.Clusters, 0, 1_000_000),
		within("rollout.percent", r.Percent, 0, 100),
	)
}

func (g *RolloutGroup) check() error {
	return cmp.Or(text("name", g.Name, maxWord), each("clusters", g.Clusters, 64, (*Requirement).check))
}

func (p *Progress) check() error {
	if p == nil {
		return nil
	}
	return cmp.Or(
		within("progress.deadlineSeconds", p.DeadlineSeconds, 0, 604_800),
		oneOf("progress.onStall", p.OnStall, "", StallNote, StallMove, StallRollback),
		within("progress.unschedulableSeconds", p.UnschedulableSeconds, 0, 604_800),
	)
}

func (d *Data) check() error {
	return cmp.Or(word("region", d.Region, maxName), within("gibPerHour", d.GibPerHour, 0, 1_000_000_000))
}

func (a *Audience) check() error {
	return cmp.Or(word("region", a.Region, maxName), within("weight", a.Weight, 0, 1_000_000))
}

// check looks at the form of a plan to be applied.
func (p *Planned) check() error {
	if p == nil {
		return nil
	}
	return cmp.Or(
		position("plan.generation", p.Generation),
		position("plan.state", p.State),
		each("plan.assignments", p.Assignments, 100_000, (*PlannedAssignment).check),
		unique("plan.assignments", p.Assignments, func(a *PlannedAssignment) string { return string(a.Cluster) }),
		amount("plan.price", p.Price),
	)
}

func (a *PlannedAssignment) check() error {
	return cmp.Or(checkID("cluster", a.Cluster), within("replicas", a.Replicas, 1, maxReplicas))
}
