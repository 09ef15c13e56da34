package event

import (
	"strings"
	"testing"
)

func TestContradiction(t *testing.T) {
	in := func(key string, op Operator, values ...string) Requirement {
		return Requirement{Key: key, Operator: op, Values: values}
	}
	for _, c := range []struct {
		name     string
		replicas int
		policy   Policy
		want     string // "" for none
	}{
		{"nothing said", 3, Policy{}, ""},
		{"weights of zero", 3, Policy{Strategy: StrategyWeighted, Weights: []Weight{{Weight: 0}}}, "policy.weights: all are 0"},
		{"one weight", 3, Policy{Strategy: StrategyWeighted, Weights: []Weight{{Weight: 0}, {Weight: 1}}}, ""},
		{"zero weights of another strategy", 3, Policy{Strategy: StrategyPack, Weights: []Weight{{Weight: 0}}}, ""},
		{"residency against regions", 3, Policy{Residency: []string{"eu"}, Regions: []string{"us"}}, "residency: allows eu, but regions wants us"},
		{"residency within regions", 3, Policy{Residency: []string{"eu"}, Regions: []string{"us", "eu"}}, ""},
		{"min above max per cluster", 9, Policy{MinPerCluster: 3, MaxPerCluster: 2}, "minPerCluster: 3 is above maxPerCluster 2"},
		{"min per cluster above replicas", 2, Policy{MinPerCluster: 3}, "minPerCluster: 3 is above the 2 replicas"},
		{"min replicas above replicas", 2, Policy{MinReplicas: 3}, "minReplicas: 3 is above the 2 replicas"},
		{"partial duplicate", 2, Policy{MinReplicas: 1, Strategy: StrategyDuplicate}, "minReplicas: the strategy duplicate"},
		{"copies at most once", 2, Policy{AtMostOnce: true, Strategy: StrategyDuplicate}, "atMostOnce: copies"},
		{"along at most once", 2, Policy{AtMostOnce: true, Along: "web"}, "atMostOnce: copies"},
		{"cap below a duplicate", 4, Policy{MaxPerCluster: 3, Strategy: StrategyDuplicate}, "maxPerCluster: 3 is below the 4 replicas"},
		{"spread min above max", 9, Policy{Spread: []Spread{{By: "zone", Min: 3, Max: 2}}}, "spread[0]: min 3 is above max 2"},
		{"spread without an upper bound", 9, Policy{Spread: []Spread{{By: "zone", Min: 3}}}, ""},
		{"one key twice", 9, Policy{Spread: []Spread{{By: "zone"}, {By: "zone"}}}, `spread[1]: "zone" is bounded twice`},
		{"more groups than clusters", 9, Policy{MaxClusters: 2, Spread: []Spread{{By: "zone", Min: 3}}}, "spread[0]: min 3 is above maxClusters 2"},
		{"more groups than spread clusters", 9, Policy{Spread: []Spread{{By: "cluster", Max: 2}, {By: "zone", Min: 3}}}, "spread[1]: min 3 of zone is above the 2 clusters"},
		{"more groups than replicas", 2, Policy{Spread: []Spread{{By: "zone", Min: 3}}}, "spread[0]: min 3 of zone needs 3 replicas, there are 2"},
		{"more groups than shares", 5, Policy{MinPerCluster: 2, Spread: []Spread{{By: "zone", Min: 3}}}, "needs 6 replicas, there are 5"},
		{"duplicates fill groups", 1, Policy{Strategy: StrategyDuplicate, Spread: []Spread{{By: "zone", Min: 3}}}, ""},
		{"no replicas", 0, Policy{MinPerCluster: 3, Spread: []Spread{{By: "zone", Min: 3}}}, ""},
		{"caps too small together", 9, Policy{MaxPerCluster: 2, MaxClusters: 4}, "maxPerCluster: 2 on at most 4 clusters are 8 replicas, 9 are wanted"},
		{"caps enough for the least", 9, Policy{MaxPerCluster: 2, MaxClusters: 4, MinReplicas: 8}, ""},
		{"two values at once", 1, Policy{Clusters: []Requirement{in("a", OperatorIn, "x"), in("a", OperatorIn, "y")}}, "clusters: a cannot be In x and In y"},
		{"in and not in", 1, Policy{Clusters: []Requirement{in("a", OperatorNotIn, "x"), in("a", OperatorIn, "x")}}, "clusters: a cannot be NotIn x and In x"},
		{"there and absent", 1, Policy{Nodes: []Requirement{in("a", OperatorExists), in("a", OperatorDoesNotExist)}}, "nodes: a cannot be Exists and DoesNotExist"},
		{"absent or another", 1, Policy{Clusters: []Requirement{in("a", OperatorNotIn, "x"), in("a", OperatorDoesNotExist)}}, ""},
		{"empty range", 1, Policy{Clusters: []Requirement{in("a", OperatorGt, "4"), in("a", OperatorLt, "5")}}, "clusters: a cannot be Gt 4 and Lt 5"},
		{"range of one", 1, Policy{Clusters: []Requirement{in("a", OperatorLt, "6"), in("a", OperatorGt, "4")}}, ""},
		{"every term impossible", 1, Policy{Match: []Term{{Clusters: []Requirement{in("a", OperatorIn, "x"), in("a", OperatorIn, "y")}}}}, "match[0].clusters: a cannot be"},
		{"one term possible", 1, Policy{Match: []Term{{Clusters: []Requirement{in("a", OperatorIn, "x"), in("a", OperatorIn, "y")}}, {}}}, ""},
		{"affinity to nobody", 1, Policy{Affinity: []Affinity{{By: "zone"}}}, "affinity[0]: names no others"},
		{"any value, and one", 1, Policy{Tolerations: []Toleration{{Key: "a", Operator: TolerationOperatorExists, Value: "x"}}}, "tolerations[0]: the operator Exists tolerates any value"},
		{"any value", 1, Policy{Tolerations: []Toleration{{Key: "a", Operator: TolerationOperatorExists}}}, ""},
		{"along itself", 1, Policy{Along: "w"}, "along: w cannot follow itself"},
	} {
		w := &WorkloadSubmitted{Tenant: "t", Name: "w", Replicas: c.replicas, Policy: c.policy}
		err := w.Contradiction()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
