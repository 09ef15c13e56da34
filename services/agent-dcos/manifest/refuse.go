package manifest

import (
	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// lacks is what Marathon has no honest counterpart for, and why not.
var lacks = []struct {
	feature event.Feature
	why     string
}{
	{event.FeatureEndingService, "Marathon starts again whatever ends"},
	{event.FeatureGPUShare, "Mesos gives whole devices alone"},
	{event.FeatureNodeCompare, "Marathon compares attributes as text"},
	{event.FeatureReference, "secrets of DC/OS Enterprise are not mapped"},
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

// refuse says what cannot be mapped. What Marathon itself refuses is left to its own words.
func refuse(d agent.Desired, native bool) error {
	if d.Kind != event.KindService {
		return unsupported("a %s is not something Marathon runs: it starts again whatever ends", d.Kind)
	}
	for _, l := range lacks {
		if asked := l.feature.AskedBy(d.Kind, &d.Template, d.Nodes); asked && (!native || l.feature == event.FeatureGPUShare) {
			return unsupported("%s: %s", l.feature, l.why)
		}
	}
	if len(d.Template.Resources.Extended) > 0 {
		return unsupported("extended resources: a Marathon app cannot ask for them")
	}
	if native {
		return checkLabels(d.Labels)
	}
	if err := refuseTemplate(d.Template); err != nil {
		return err
	}
	return checkLabels(d.Labels)
}

func refuseTemplate(t event.Template) error {
	switch {
	case t.Image == "":
		return agent.Reject(event.RejectReasonInvalid, "the template has no image")
	case t.MaxUnavailable > 0 && t.MaxSurge == 0:
		return unsupported("%d replicas missing during an update, and none on top: Marathon counts in shares of the replicas, which change with their number", t.MaxUnavailable)
	case t.Resources.GPUMilli > 0 && len(t.Command) > 0:
		return unsupported("an entry point with GPUs: Mesos' containerizer, which alone gives GPUs, keeps the image's")
	case t.Health != nil && t.Health.Port == 0 && len(t.Health.Command) == 0:
		return agent.Reject(event.RejectReasonInvalid, "the health check has neither command nor port")
	}
	return nil
}
