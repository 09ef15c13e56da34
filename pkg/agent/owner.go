package agent

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
)

// OwnPrefix begins every label by which adapters know the federation's objects.
const OwnPrefix = "fairlead.dev/"

// Labels that say to which workload of which cluster an object belongs. Every adapter
// writes them, on orchestrators that keep labels.
const (
	LabelCluster  = OwnPrefix + "cluster"
	LabelTenant   = OwnPrefix + "tenant"
	LabelWorkload = OwnPrefix + "workload"
)

// OwnLabels mark an object as the federation's and as the workload's.
func OwnLabels(c event.ClusterID, w event.WorkloadID) map[string]string {
	return map[string]string{LabelCluster: string(c), LabelTenant: string(w.Tenant), LabelWorkload: string(w.Name)}
}

// Owner tells from its labels which workload an object belongs to; false for what is
// somebody else's, or another federation cluster's in the same orchestrator.
func Owner(c event.ClusterID, labels map[string]string) (event.WorkloadID, bool) {
	w := event.WorkloadID{Tenant: event.Tenant(labels[LabelTenant]), Name: event.WorkloadName(labels[LabelWorkload])}
	return w, labels[LabelCluster] == string(c) && w.Tenant != "" && w.Name != ""
}

// CheckLabels refuses labels of a workload that would pass for the federation's, or that
// begin with what the orchestrator keeps for itself.
func CheckLabels(labels map[string]string, reserved ...string) error {
	for key := range labels {
		for _, prefix := range append(reserved, OwnPrefix) {
			if strings.HasPrefix(key, prefix) {
				return Reject(event.RejectReasonInvalid, "label %s is reserved", key)
			}
		}
	}
	return nil
}

// Reject is a *Rejection in words.
func Reject(reason event.RejectReason, format string, args ...any) error {
	return &Rejection{Reason: reason, Message: fmt.Sprintf(format, args...)}
}
