package scheduler

import (
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// What the division needs to know of a cluster's place: its tier, its groups, its
// weight. A cluster without them carries nothing.

// place is the value of a topology key on a cluster: a fact, or a label; empty if it
// has none.
func place(by string, rep *event.ClusterCapacityReported) string {
	switch by {
	case "cluster", "":
		return string(rep.Cluster)
	case "zone":
		return rep.Zone
	case "region":
		return rep.Region
	case "provider":
		return rep.Provider
	case "orchestrator":
		return rep.Orchestrator
	}
	if value, isFact := fact(by, rep); isFact {
		return value
	}
	return rep.Labels[by]
}

// placesOf are the cluster's groups for the keys of the policy's spread.
func placesOf(q *query, c *cluster) []string {
	spread := q.spec.Policy.Spread
	if len(spread) == 0 {
		return nil
	}
	out := make([]string, len(spread))
	for i := range spread {
		out[i] = place(spread[i].By, c.report)
	}
	return out
}

func asksSpread(_ *State, q *query) bool { return len(q.spec.Policy.Spread) > 0 }

func isSpreadable(_ *State, q *query, c *cluster) bool {
	return len(q.spec.Policy.Spread) == 0 || c.report != nil && !slices.Contains(placesOf(q, c), "")
}

func tellSpread(_ *State, q *query, c *cluster) Check {
	var words []string
	for i, value := range placesOf(q, c) {
		if value == "" {
			value = "no " + q.spec.Policy.Spread[i].By + ", which is needed to spread by"
		} else {
			value = q.spec.Policy.Spread[i].By + " " + value
		}
		words = append(words, value)
	}
	return Check{Message: list(words)}
}

// tierOf is the first tier the cluster belongs to; -1 if there are tiers and it
// belongs to none.
func tierOf(q *query, c *cluster) int {
	tiers := q.spec.Policy.Tiers
	if len(tiers) == 0 {
		return 0
	}
	return slices.IndexFunc(tiers, func(t event.Tier) bool { return meets(t.Clusters, c.report) })
}

func asksTier(_ *State, q *query) bool { return len(q.spec.Policy.Tiers) > 0 }

func isTiered(_ *State, q *query, c *cluster) bool {
	return len(q.spec.Policy.Tiers) == 0 || c.report != nil && tierOf(q, c) >= 0
}

func tellTier(_ *State, q *query, c *cluster) Check {
	tiers, at := q.spec.Policy.Tiers, tierOf(q, c)
	if at < 0 {
		return Check{Message: fmt.Sprintf("in none of the %d tiers", len(tiers))}
	}
	return Check{Message: fmt.Sprintf("tier %d of %d %s", at+1, len(tiers), tiers[at].Name)}
}

// weightOf is the cluster's share under the strategy weighted: the largest weight
// that matches it; 1 for all where the policy gives none.
func weightOf(q *query, c *cluster) int64 {
	weights := q.spec.Policy.Weights
	if q.spec.Policy.Strategy != event.StrategyWeighted || len(weights) == 0 {
		return 1
	}
	largest := 0
	for i := range weights {
		if weights[i].Weight > largest && meets(weights[i].Clusters, c.report) {
			largest = weights[i].Weight
		}
	}
	return int64(largest)
}

func asksWeight(_ *State, q *query) bool {
	return q.spec.Policy.Strategy == event.StrategyWeighted && len(q.spec.Policy.Weights) > 0
}

func isWeighted(s *State, q *query, c *cluster) bool {
	return !asksWeight(s, q) || c.report != nil && weightOf(q, c) > 0
}

func tellWeight(_ *State, q *query, c *cluster) Check {
	if n := weightOf(q, c); n > 0 {
		return Check{Message: fmt.Sprintf("weight %d", n)}
	}
	return Check{Message: "no weight above 0 is for it"}
}

// afreshNow says whether replicas are divided as if none stood: at a new wish, if the
// policy says so. Afterwards what was divided stays.
func (w *workload) afreshNow() bool {
	return w.spec.Policy.Division == event.DivisionFresh && w.decidedGen != w.generation
}
