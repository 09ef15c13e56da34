package manifest

import (
	"strings"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Native is the name of native parts meant for this orchestrator. None is accepted.
const Native = "kubernetes"

// Lacks is what the cluster reports of itself, so that placement does not choose it for those who ask
// for that.
func Lacks() []event.Feature {
	return []event.Feature{event.FeatureEndingService, event.FeatureGPUShare}
}

// refuse says what has no honest counterpart in Kubernetes. What Kubernetes itself refuses (image
// names, label values, ports) is left to its own words.
func refuse(d agent.Desired) error {
	if d.Kind != event.KindService && d.Kind != event.KindJob {
		return agent.Reject(event.RejectReasonUnsupported, "a %s is not something this cluster runs", d.Kind)
	}
	if _, native := d.Native[Native]; native {
		return agent.Reject(event.RejectReasonUnsupported, "native parts for %s are not accepted", Native)
	}
	if err := checkLabels(d.Labels); err != nil {
		return err
	}
	if err := checkRestart(d.Kind, d.Template.Restart); err != nil {
		return err
	}
	if err := checkHealth(d.Template.Health); err != nil {
		return err
	}
	return checkResources(d.Template.Resources)
}

func checkRestart(kind event.Kind, policy event.RestartPolicy) error {
	switch {
	case policy == "":
	case kind == event.KindService && policy != event.RestartPolicyAlways:
		return agent.Reject(event.RejectReasonUnsupported, "a service is always restarted here; restart %s is for jobs", policy)
	case kind == event.KindJob && policy == event.RestartPolicyAlways:
		return agent.Reject(event.RejectReasonUnsupported, "a job that is always restarted never completes")
	}
	return nil
}

func checkHealth(h *event.HealthCheck) error {
	switch {
	case h == nil:
	case len(h.Command) > 0 && (h.Port != 0 || h.HTTPPath != ""):
		return agent.Reject(event.RejectReasonUnsupported, "a health check is either a command or a port, not both")
	case len(h.Command) == 0 && h.Port == 0:
		return agent.Reject(event.RejectReasonInvalid, "the health check has neither command nor port")
	}
	return nil
}

func checkResources(r event.Resources) error {
	if r.GPUMilli%1000 != 0 {
		return agent.Reject(event.RejectReasonUnsupported, "%d thousandths of a GPU: this cluster gives whole devices alone", r.GPUMilli)
	}
	for name := range r.Extended {
		if !strings.Contains(name, "/") {
			return agent.Reject(event.RejectReasonUnsupported, "extended resource %s: Kubernetes names them DOMAIN/NAME", name)
		}
	}
	return nil
}
