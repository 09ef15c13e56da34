package manifest

import (
	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// refuse says what has no honest counterpart in Swarm. What Swarm itself refuses is left to its own
// words.
func refuse(d agent.Desired) error {
	t := d.Template
	switch {
	case d.Kind != event.KindService && d.Kind != event.KindJob:
		return unsupported("a %s is not something this cluster runs", d.Kind)
	case len(t.References) > 0:
		return unsupported("reference to %s: Swarm gives secrets and configuration as files, not as variables", t.References[0].Name)
	case t.Health != nil && (t.Health.Port != 0 || t.Health.HTTPPath != ""):
		return unsupported("a health check by port: Swarm checks by a command in the container alone")
	case t.Health != nil && len(t.Health.Command) == 0:
		return reject(event.RejectReasonInvalid, "the health check has neither command nor port")
	case d.Kind == event.KindService && t.Restart != "" && t.Restart != event.RestartPolicyAlways:
		return unsupported("a service is always restarted here; restart %s is for jobs", t.Restart)
	case d.Kind == event.KindJob && t.Restart == event.RestartPolicyAlways:
		return unsupported("a job that is always restarted never completes")
	case t.Resources.GPUMilli%room.Device != 0:
		return unsupported("%d thousandths of a GPU: this cluster gives whole devices alone", t.Resources.GPUMilli)
	}
	if err := checkConditions(d.Nodes); err != nil {
		return err
	}
	return checkLabels(d.Labels)
}

// checkConditions lets pass what Swarm's constraints, joined by and, can say.
func checkConditions(nodes []event.Requirement) error {
	for _, r := range nodes {
		if r.Operator == event.OperatorIn && len(r.Values) == 1 || r.Operator == event.OperatorNotIn {
			continue
		}
		return unsupported("condition %s %s: Swarm compares a node label with one value, or with values it must not have", r.Key, r.Operator)
	}
	return nil
}

func unsupported(format string, args ...any) error {
	return reject(event.RejectReasonUnsupported, format, args...)
}
