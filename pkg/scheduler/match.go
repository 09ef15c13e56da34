package scheduler

import (
	"slices"
	"strconv"

	"fairlead.dev/pkg/event"
)

// Cluster facts that requirements may name like labels.
const (
	labelCluster      = "fairlead.dev/cluster"
	labelOrchestrator = "fairlead.dev/orchestrator"
	labelProvider     = "fairlead.dev/provider"
	labelRegion       = "fairlead.dev/region"
	labelZone         = "fairlead.dev/zone"
)

// matches says whether labels meet the requirement. A label that is absent meets
// NotIn and DoesNotExist, as in Kubernetes.
func matches(r event.Requirement, labels map[string]string) bool {
	value, ok := labels[r.Key]
	return meets(r, value, ok)
}

// matchesCluster does the same over a cluster's labels and facts. A fact that is
// not known counts as absent.
func matchesCluster(r event.Requirement, rep *event.ClusterCapacityReported) bool {
	if value, ok := fact(r.Key, rep); ok {
		return meets(r, value, value != "")
	}
	return matches(r, rep.Labels)
}

func fact(key string, rep *event.ClusterCapacityReported) (value string, isFact bool) {
	switch key {
	case labelCluster:
		return string(rep.Cluster), true
	case labelOrchestrator:
		return rep.Orchestrator, true
	case labelProvider:
		return rep.Provider, true
	case labelRegion:
		return rep.Region, true
	case labelZone:
		return rep.Zone, true
	}
	return "", false
}

func meets(r event.Requirement, value string, ok bool) bool {
	switch r.Operator {
	case event.OperatorExists:
		return ok
	case event.OperatorDoesNotExist:
		return !ok
	case event.OperatorIn:
		return ok && slices.Contains(r.Values, value)
	case event.OperatorNotIn:
		return !ok || !slices.Contains(r.Values, value)
	case event.OperatorGt, event.OperatorLt:
		return ok && compareNumbers(r, value)
	}
	return false
}

func compareNumbers(r event.Requirement, value string) bool {
	if len(r.Values) != 1 {
		return false
	}
	have, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return false
	}
	limit, err := strconv.ParseInt(r.Values[0], 10, 64)
	if err != nil {
		return false
	}
	if r.Operator == event.OperatorGt {
		return have > limit
	}
	return have < limit
}
