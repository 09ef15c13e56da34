package event

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Contradiction says why the wish can never be met as it is written, whatever the
// fleet looks like; nil if nothing speaks against it. It holds no opinion on the
// fleet: a region that no cluster has may come tomorrow.
func (p *WorkloadSubmitted) Contradiction() error {
	err := cmp.Or(p.Policy.Contradiction(), p.checkCounts(), p.checkTies())
	if err != nil {
		return fmt.Errorf("policy.%w", err)
	}
	return nil
}

// Contradiction says why no fleet at all could keep to the policy; nil if one could.
func (p *Policy) Contradiction() error {
	return cmp.Or(
		p.checkWeights(),
		p.checkResidency(),
		p.checkBounds(),
		p.checkSpreadBounds(),
		unmeetable("clusters", p.Clusters),
		unmeetable("nodes", p.Nodes),
		p.checkTerms(),
		p.checkAffinityTerms(),
		p.checkTolerations(),
	)
}

// checkTolerations: one of any value that names a value says two things.
func (p *Policy) checkTolerations() error {
	for i, t := range p.Tolerations {
		if t.Operator == TolerationOperatorExists && t.Value != "" {
			return fmt.Errorf("tolerations[%d]: the operator Exists tolerates any value, and yet %q is given", i, t.Value)
		}
	}
	return nil
}

// checkWeights: weights of zero everywhere leave no cluster for a replica.
func (p *Policy) checkWeights() error {
	if p.Strategy != StrategyWeighted || len(p.Weights) == 0 {
		return nil
	}
	if slices.ContainsFunc(p.Weights, func(w Weight) bool { return w.Weight > 0 }) {
		return nil
	}
	return errors.New("weights: all are 0, so no cluster may carry a replica")
}

// checkResidency: the regions allowed by law and those wanted must share one.
func (p *Policy) checkResidency() error {
	if len(p.Residency) == 0 || len(p.Regions) == 0 {
		return nil
	}
	if slices.ContainsFunc(p.Residency, func(r string) bool { return slices.Contains(p.Regions, r) }) {
		return nil
	}
	return fmt.Errorf("residency: allows %s, but regions wants %s", strings.Join(p.Residency, ", "), strings.Join(p.Regions, ", "))
}

// checkBounds: a lower bound above the upper one leaves nothing.
func (p *Policy) checkBounds() error {
	if p.MaxPerCluster > 0 && p.MinPerCluster > p.MaxPerCluster {
		return fmt.Errorf("minPerCluster: %d is above maxPerCluster %d", p.MinPerCluster, p.MaxPerCluster)
	}
	if p.AtMostOnce && (p.Strategy == StrategyDuplicate || p.Along != "") {
		return errors.New("atMostOnce: copies on every cluster are more than one")
	}
	if p.Strategy == StrategyDuplicate && p.MinReplicas > 0 {
		return errors.New("minReplicas: the strategy duplicate places all replicas on a cluster or none")
	}
	return nil
}

// checkSpreadBounds looks at each topology key and at what they ask of each other.
func (p *Policy) checkSpreadBounds() error {
	seen := map[string]bool{}
	for i, s := range p.Spread {
		switch {
		case seen[s.By]:
			return fmt.Errorf("spread[%d]: %q is bounded twice", i, s.By)
		case s.Max > 0 && s.Min > s.Max:
			return fmt.Errorf("spread[%d]: min %d is above max %d", i, s.Min, s.Max)
		case p.MaxClusters > 0 && s.Min > p.MaxClusters:
			return fmt.Errorf("spread[%d]: min %d is above maxClusters %d, and a cluster is in one %s", i, s.Min, p.MaxClusters, s.By)
		}
		if most := p.mostClusters(); most > 0 && s.Min > most {
			return fmt.Errorf("spread[%d]: min %d of %s is above the %d clusters that spread allows", i, s.Min, s.By, most)
		}
		seen[s.By] = true
	}
	return nil
}

// mostClusters is the bound on clusters that spread sets; 0 if it sets none.
func (p *Policy) mostClusters() int {
	for _, s := range p.Spread {
		if s.By == "cluster" {
			return s.Max
		}
	}
	return 0
}

// checkCounts compares bounds with the number of replicas.
func (p *WorkloadSubmitted) checkCounts() error {
	n, q := p.Replicas, &p.Policy
	switch {
	case n == 0:
		return nil
	case q.MinReplicas > n:
		return fmt.Errorf("minReplicas: %d is above the %d replicas", q.MinReplicas, n)
	case q.MinPerCluster > n:
		return fmt.Errorf("minPerCluster: %d is above the %d replicas", q.MinPerCluster, n)
	case q.Strategy == StrategyDuplicate && q.MaxPerCluster > 0 && q.MaxPerCluster < n:
		return fmt.Errorf("maxPerCluster: %d is below the %d replicas that the strategy duplicate places on each cluster", q.MaxPerCluster, n)
	case q.Strategy == StrategyDuplicate || q.Along != "":
		return nil
	}
	return p.checkShares()
}

// checkShares: bounds on groups and clusters must leave a way to divide the fewest
// replicas that are worth placing.
func (p *WorkloadSubmitted) checkShares() error {
	n, q := int64(p.Replicas), &p.Policy
	for i, s := range q.Spread {
		if need := int64(s.Min) * int64(max(1, q.MinPerCluster)); need > n {
			return fmt.Errorf("spread[%d]: min %d of %s needs %d replicas, there are %d", i, s.Min, s.By, need, n)
		}
	}
	most := q.MaxClusters
	if bound := q.mostClusters(); bound > 0 && (most == 0 || bound < most) {
		most = bound
	}
	fewest := n
	if q.MinReplicas > 0 {
		fewest = int64(q.MinReplicas)
	}
	if room := int64(most) * int64(q.MaxPerCluster); most > 0 && q.MaxPerCluster > 0 && room < fewest {
		return fmt.Errorf("maxPerCluster: %d on at most %d clusters are %d replicas, %d are wanted", q.MaxPerCluster, most, room, fewest)
	}
	return nil
}

// checkTies: a workload cannot wait for itself.
func (p *WorkloadSubmitted) checkTies() error {
	if p.Policy.Along != "" && p.Policy.Along == p.Name {
		return fmt.Errorf("along: %s cannot follow itself", p.Name)
	}
	return nil
}

// checkTerms: at least one group of conditions must be possible.
func (p *Policy) checkTerms() error {
	var first error
	for i := range p.Match {
		err := unmeetable(fmt.Sprintf("match[%d].clusters", i), p.Match[i].Clusters)
		if err == nil {
			return nil
		}
		first = cmp.Or(first, err)
	}
	return first
}

func (p *Policy) checkAffinityTerms() error {
	for i, a := range p.Affinity {
		if len(a.Workloads)+len(a.Labels) == 0 {
			return fmt.Errorf("affinity[%d]: names no others", i)
		}
	}
	for i, a := range p.AntiAffinity {
		if len(a.Workloads)+len(a.Labels) == 0 {
			return fmt.Errorf("antiAffinity[%d]: names no others", i)
		}
	}
	return nil
}

// unmeetable looks for conditions on one key that no value meets together.
func unmeetable(member string, all []Requirement) error {
	for i := range all {
		for j := range all[:i] {
			if a, b := &all[j], &all[i]; a.Key == b.Key && a.excludes(b) {
				return fmt.Errorf("%s: %s cannot be %s and %s", member, a.Key, a.words(), b.words())
			}
		}
	}
	return nil
}

// excludes says whether no value, and no absence, meets both.
func (r *Requirement) excludes(o *Requirement) bool {
	switch {
	case r.Operator == OperatorIn:
		return !slices.ContainsFunc(r.Values, func(v string) bool { return o.Met(v, true) })
	case o.Operator == OperatorIn:
		return o.excludes(r)
	case r.Operator == OperatorDoesNotExist:
		return !o.Met("", false)
	case o.Operator == OperatorDoesNotExist:
		return !r.Met("", false)
	case r.Operator == OperatorGt && o.Operator == OperatorLt:
		return gap(r, o)
	}
	return r.Operator == OperatorLt && o.Operator == OperatorGt && gap(o, r)
}

// gap says whether no integer lies between the two.
func gap(above, below *Requirement) bool {
	low, err := strconv.ParseInt(above.Values[0], 10, 64)
	high, err2 := strconv.ParseInt(below.Values[0], 10, 64)
	return err != nil || err2 != nil || low >= high || low+1 == high
}

func (r *Requirement) words() string {
	return strings.TrimSpace(string(r.Operator) + " " + strings.Join(r.Values, ","))
}
