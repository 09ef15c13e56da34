package scheduler

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
)

// steps tell what came after the checks: how the clusters that pass were chosen and
// how the replicas were divided, with numbers.
func (s *State) steps(w *workload) []Check {
	if w.withdrawn || w.query.impossible != "" {
		return nil
	}
	p := &w.spec.Policy
	cands := s.candidates(w, w.query)
	out := divide(p, w.spec.Replicas, cands)
	var steps []Check
	for i := range p.Tiers {
		steps = append(steps, tierStep(p, i, cands))
	}
	b := boundsOf(p, w.spec.Replicas)
	if b.min > 0 || b.max > 0 {
		steps = append(steps, boundStep("cluster", b.min, b.max, clusterNames(cands), len(cands)))
	}
	for _, k := range b.keys {
		steps = append(steps, boundStep(k.by, k.min, k.max, groupNames(carrying(cands), k.at), len(groupNames(cands, k.at))))
	}
	if p.MinPerCluster > 1 {
		steps = append(steps, shareStep(p, cands))
	}
	steps = append(steps, replicaStep(w, out, cands))
	if p.Rollout != nil {
		steps = append(steps, s.rolloutSteps(w, cands)...)
	}
	return steps
}

// carrying are the candidates with a seat.
func carrying(cands []*candidate) []*candidate {
	in, _ := split(cands, func(c *candidate) bool { return c.seats > 0 })
	return in
}

func clusterNames(cands []*candidate) []string {
	var out []string
	for _, c := range carrying(cands) {
		out = append(out, string(c.c.id))
	}
	return out
}

func tierStep(p *event.Policy, i int, cands []*candidate) Check {
	in, _ := split(cands, func(c *candidate) bool { return c.tier == i })
	name := strings.TrimSpace(fmt.Sprintf("tier %d of %d %s", i+1, len(p.Tiers), p.Tiers[i].Name))
	return Check{Name: "tier", OK: true, Need: int64(seatsOf(in)), Have: int64(limitsOf(in)),
		Message: fmt.Sprintf("%s: %d replicas on %d clusters with room for %d", name, seatsOf(in), len(in), limitsOf(in))}
}

func boundStep(by string, least, most int, names []string, there int) Check {
	wanted := fmt.Sprintf("at least %d", least)
	switch {
	case most > 0 && least > 0:
		wanted = fmt.Sprintf("%d to %d", least, most)
	case most > 0:
		wanted = fmt.Sprintf("at most %d", most)
	}
	return Check{Name: "spread", OK: len(names) >= least && (most == 0 || len(names) <= most), Need: int64(least), Have: int64(len(names)),
		Message: clip(fmt.Sprintf("by %s: %d of %d carry replicas, wanted %s: %s", by, len(names), there, wanted, list(names)), maxMessage)}
}

func shareStep(p *event.Policy, cands []*candidate) Check {
	least := 0
	for i, c := range carrying(cands) {
		if i == 0 || c.seats < least {
			least = c.seats
		}
	}
	return Check{Name: "share", OK: least == 0 || least >= p.MinPerCluster, Need: int64(p.MinPerCluster), Have: int64(least),
		Message: fmt.Sprintf("at least %d on a cluster that carries any, fewest %d", p.MinPerCluster, least)}
}

// strategyWords say what each strategy divides by.
var strategyWords = map[event.Strategy]string{
	"":                      "evenly",
	event.StrategySpread:    "evenly",
	event.StrategyPack:      "on as few clusters as possible",
	event.StrategyDuplicate: "all of them on every cluster",
	event.StrategyWeighted:  "by weight",
	event.StrategyAvailable: "by free room",
}

func replicaStep(w *workload, out outcome, cands []*candidate) Check {
	stay := 0
	for _, c := range cands {
		stay += min(c.prev, c.seats)
	}
	message := fmt.Sprintf("%d of %d replicas, %s; %d stay where they are", out.placed, w.spec.Replicas, strategyWords[w.spec.Policy.Strategy], stay)
	if out.why != "" {
		message += "; " + out.why
	}
	return Check{Name: "replicas", OK: out.placed >= w.spec.Replicas, Need: int64(w.spec.Replicas), Have: int64(out.placed), Message: clip(message, maxMessage)}
}
