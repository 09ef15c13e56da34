package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fairlead.dev/pkg/event"
)

// The parts of the score that cases name in words of their own.
var parts = map[string]string{
	"Balance": event.ScoreBalance, "balance": event.ScoreBalance,
	"Steady": event.ScoreSteady, "steady": event.ScoreSteady,
	"ResourceAllocatableMemory": event.ScoreFreeMemory, "free_memory": event.ScoreFreeMemory,
	"ResourceAllocatableCPU": event.ScoreFreeCPU, "free_cpu": event.ScoreFreeCPU,
}

// ownScore is the name of the score that a case gives its clusters.
const ownScore = "peer"

// clusterID is the name of a cluster as a DNS label.
func clusterID(name string) event.ClusterID { return event.ClusterID(strings.ToLower(name)) }

// named asks for certain clusters.
func named(names []string) []event.Requirement {
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = string(clusterID(name))
	}
	return []event.Requirement{{Key: "fairlead.dev/cluster", Operator: event.OperatorIn, Values: values}}
}

// policyOf translates what a case asks for.
func policyOf(c *testCase) event.Policy {
	r := &c.Request
	p := event.Policy{Pools: r.Pools, Tolerations: tolerations(r.Tolerations), Prefer: preferences(c)}
	if r.Affinity != nil {
		p.Clusters = named(r.Affinity.Clusters)
	}
	for _, names := range r.AffinityTiers {
		p.Tiers = append(p.Tiers, event.Tier{Clusters: named(names)})
	}
	for _, s := range r.Spread {
		p.Spread = append(p.Spread, event.Spread{By: s.By, Min: s.Min, Max: s.Max})
	}
	matching(&p, r)
	if r.Groups != nil {
		p.Rollout = rollout(r.Groups)
	}
	divisionOf(&p, r)
	if c.Suite == "spread-group-score" && p.Strategy != event.StrategyDuplicate {
		p.MinReplicas = 1 // which group is all that is asked, though it may not hold all
	}
	return p
}

// divisionOf translates how replicas are divided.
func divisionOf(p *event.Policy, r *request) {
	switch r.Strategy {
	case "", "unspecified":
		p.Strategy = event.StrategyDuplicate
		if r.ClustersWanted > 0 { // one replica each on so many clusters, or on fewer
			p.Strategy, p.MaxPerCluster, p.MinReplicas = event.StrategySpread, 1, 1
		}
	case "duplicated":
		p.Strategy = event.StrategyDuplicate
	case "divided_unspecified":
		p.Strategy = event.StrategySpread
	case "dynamic_weight":
		p.Strategy = event.StrategyAvailable
	case "aggregated": // few clusters: those with the most room first
		p.Strategy = event.StrategyPack
		if p.Prefer == nil {
			p.Prefer = []event.Preference{{Score: event.ScoreHeadroom, Weight: 1}}
		}
	case "static_weight":
		p.Strategy, p.Division, p.Weights = event.StrategyWeighted, event.DivisionFresh, weightsOf(r.Weights)
		if r.KeepPrevious {
			p.Division = event.DivisionSteady
		}
	default: // one that nobody has stays one
		p.Strategy = event.Strategy(r.Strategy)
	}
}

// weightsOf puts the largest first: with us the first that matches counts, in the cases
// the largest. No weights at all are equal ones.
func weightsOf(in []weight) []event.Weight {
	if len(in) == 0 {
		return []event.Weight{{Weight: 1}}
	}
	sorted := slices.Clone(in)
	slices.SortStableFunc(sorted, func(a, b weight) int { return b.Weight - a.Weight })
	var out []event.Weight
	for _, w := range sorted {
		out = append(out, event.Weight{Clusters: named(w.Clusters), Weight: w.Weight})
	}
	return out
}

// matching translates terms of labels, of facts that clusters tell of themselves, which
// are labels too with us, and of expressions.
func matching(p *event.Policy, r *request) {
	for _, s := range r.MatchAnyOf {
		term := event.Term{Clusters: append(requirements("", s.Labels), requirements(claimed, s.Claims)...)}
		for _, source := range s.CEL {
			term.Expressions = append(term.Expressions, expressionOf(source))
		}
		p.Match = append(p.Match, term)
	}
}

// claimed is before the name of a fact that is a label with us.
const claimed = "claims/"

func requirements(prefix string, s labelSelector) []event.Requirement {
	var out []event.Requirement
	for _, key := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		out = append(out, event.Requirement{Key: prefix + key, Operator: event.OperatorIn, Values: []string{s.MatchLabels[key]}})
	}
	for _, e := range s.MatchExpressions {
		out = append(out, event.Requirement{Key: prefix + e.Key, Operator: event.Operator(e.Operator), Values: e.Values})
	}
	return out
}

// effects of taints by the names of the cases. What even those that are there already
// must leave is NoExecute with us; what only keeps new ones away is NoSchedule.
var effects = map[string]event.TaintEffect{
	"NoSelect": event.TaintEffectNoExecute, "NoSelectIfNew": event.TaintEffectNoSchedule,
	"PreferNoSelect": event.TaintEffectPreferNoSchedule,
}

func effect(name string) event.TaintEffect {
	if e, ok := effects[name]; ok {
		return e
	}
	return event.TaintEffect(name)
}

func taints(in []taint) []event.Taint {
	var out []event.Taint
	for _, t := range in {
		out = append(out, event.Taint{Key: t.Key, Value: t.Value, Effect: effect(t.Effect)})
	}
	return out
}

func tolerations(in []toleration) []event.Toleration {
	var out []event.Toleration
	for _, t := range in {
		o := event.Toleration{Key: t.Key, Operator: event.TolerationOperator(t.Operator), Value: t.Value, Effect: effect(t.Effect)}
		if t.TolerationSeconds != nil { // with us only what drives away has a time
			o.Effect, o.Seconds = event.TaintEffectNoExecute, *t.TolerationSeconds
		}
		out = append(out, o)
	}
	return out
}

// preferences translates what ranks clusters. A case whose clusters have scores is ranked
// by them alone, then by what rank_by says.
func preferences(c *testCase) []event.Preference {
	r := &c.Request
	switch {
	case r.Score != "" && r.Prioritizers == nil:
		return []event.Preference{{Score: parts[r.Score], Weight: 1}}
	case r.Prioritizers != nil:
		return prioritized(r.Prioritizers)
	case strings.HasPrefix(c.Suite, "schedule"): // what counts when a request names nothing
		return []event.Preference{{Score: event.ScoreBalance, Weight: 1}, {Score: event.ScoreSteady, Weight: 1}}
	case !slices.ContainsFunc(c.Clusters, func(m member) bool { return m.Score != nil }):
		return nil
	case slices.Contains(r.RankBy, "available_replicas"):
		return []event.Preference{{Score: event.ScoreExternal + ownScore, Weight: 1000}, {Score: event.ScoreHeadroom, Weight: 1}}
	}
	return []event.Preference{{Score: event.ScoreExternal + ownScore, Weight: 1}}
}

// prioritized translates weights; additive ones come on top of the two that always count.
func prioritized(in *prioritizers) []event.Preference {
	var out []event.Preference
	if in.Mode == "additive" {
		out = []event.Preference{{Score: event.ScoreBalance, Weight: 1}, {Score: event.ScoreSteady, Weight: 1}}
	}
	for _, w := range in.Weights {
		name := parts[w.Builtin]
		if w.External != "" {
			name = event.ScoreExternal + w.External
		}
		out = slices.DeleteFunc(out, func(p event.Preference) bool { return p.Score == name })
		out = append(out, event.Preference{Score: name, Weight: w.Weight})
	}
	return out
}

func rollout(g *groups) *event.Rollout {
	out := &event.Rollout{}
	if share, ok := strings.CutSuffix(g.PerGroup, "%"); ok {
		out.Percent, _ = strconv.Atoi(share)
	}
	for _, n := range g.Named {
		out.Groups = append(out.Groups, event.RolloutGroup{Name: n.Name, Clusters: requirements("", labelSelector{MatchLabels: n.Labels})})
	}
	return out
}

// nodeConditions are the conditions that a case puts on nodes.
func nodeConditions(p *event.Policy, c *nodeConstraints) error {
	if c == nil {
		return nil
	}
	p.Tolerations = append(p.Tolerations, tolerations(c.Tolerations)...)
	p.Nodes = requirements("", labelSelector{MatchLabels: c.NodeSelector})
	terms := c.NodeAffinity.NodeSelectorTerms
	if len(terms) > 1 {
		return fmt.Errorf("%d terms for nodes: one is all that is translated", len(terms))
	}
	for _, t := range terms {
		p.Nodes = append(p.Nodes, requirements("", t)...)
	}
	return nil
}
