package manifest

import (
	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// lacks is what Swarm has no honest counterpart for, and why not.
var lacks = []struct {
	feature event.Feature
	why     string
}{
	{event.FeatureEndingService, "Swarm restarts a service's replicas always; never and on-failure are for jobs"},
	{event.FeatureGPUShare, "Swarm gives whole devices alone"},
	{event.FeatureHealthHTTP, "Swarm checks health by a command in the container alone"},
	{event.FeatureHealthTcp, "Swarm checks health by a command in the container alone"},
	{event.FeatureNodeAnyOf, "Swarm compares a node label with one value"},
	{event.FeatureNodeCompare, "Swarm compares a node label with one value"},
	{event.FeatureNodeExists, "Swarm compares a node label with one value"},
	{event.FeatureReference, "Swarm gives secrets and configuration as files, not as variables"},
}

// Lacks is what the cluster reports of itself, so that placement does not choose it for those who ask
// for that.
func Lacks() []event.Feature {
	out := make([]event.Feature, len(lacks))
	for i, l := range lacks {
		out[i] = l.feature
	}
	return out
}

// refuse says what cannot be mapped. What Swarm itself refuses is left to its own words.
func refuse(d agent.Desired) error {
	for _, l := range lacks {
		if l.feature.AskedBy(d.Kind, &d.Template, d.Nodes) {
			return agent.Reject(event.RejectReasonUnsupported, "%s: %s", l.feature, l.why)
		}
	}
	switch {
	case d.Kind != event.KindService && d.Kind != event.KindJob:
		return agent.Reject(event.RejectReasonUnsupported, "a %s is not something this cluster runs", d.Kind)
	case d.Template.Health != nil && len(d.Template.Health.Command) == 0:
		return agent.Reject(event.RejectReasonInvalid, "the health check has neither command nor port")
	case d.Kind == event.KindJob && d.Template.Restart == event.RestartPolicyAlways:
		return agent.Reject(event.RejectReasonInvalid, "a job that is always restarted never completes")
	}
	return checkLabels(d.Labels)
}
