package scheduler

import "fairlead.dev/pkg/event"

// Cluster facts that requirements may name like labels.
const (
	labelCluster      = "fairlead.dev/cluster"
	labelOrchestrator = "fairlead.dev/orchestrator"
	labelProvider     = "fairlead.dev/provider"
	labelRegion       = "fairlead.dev/region"
	labelZone         = "fairlead.dev/zone"
)

// matchesCluster says whether a cluster's labels and facts meet the requirement. A
// fact that is not known counts as absent.
func matchesCluster(r event.Requirement, rep *event.ClusterCapacityReported) bool {
	if value, ok := fact(r.Key, rep); ok {
		return r.Met(value, value != "")
	}
	return r.Matches(rep.Labels)
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
