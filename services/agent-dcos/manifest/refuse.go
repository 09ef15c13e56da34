package manifest

import (
	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// refuse says what has no honest counterpart in Marathon. What Marathon itself refuses is left to its
// own words.
func refuse(d agent.Desired, native bool) error {
	t := d.Template
	switch {
	case d.Kind != event.KindService:
		return unsupported("a %s is not something Marathon runs: it starts again whatever ends", d.Kind)
	case t.Resources.GPUMilli%room.Device != 0:
		return unsupported("%d thousandths of a GPU: this cluster gives whole devices alone", t.Resources.GPUMilli)
	case len(t.Resources.Extended) > 0:
		return unsupported("extended resources: a Marathon app cannot ask for them")
	}
	if err := checkLabels(d.Labels); err != nil {
		return err
	}
	if native {
		return nil
	}
	return refuseTemplate(t)
}

func refuseTemplate(t event.Template) error {
	switch {
	case t.Image == "":
		return reject(event.RejectReasonInvalid, "the template has no image")
	case len(t.References) > 0:
		return unsupported("reference to %s: secrets of DC/OS Enterprise are not mapped", t.References[0].Name)
	case t.Restart != "" && t.Restart != event.RestartPolicyAlways:
		return unsupported("restart %s: Marathon always restarts", t.Restart)
	case t.MaxUnavailable > 0 && t.MaxSurge == 0:
		return unsupported("%d replicas missing during an update, and none on top: Marathon counts in shares of the replicas, which change with their number", t.MaxUnavailable)
	case t.Resources.GPUMilli > 0 && len(t.Command) > 0:
		return unsupported("an entry point with GPUs: Mesos' containerizer, which alone gives GPUs, keeps the image's")
	case t.Health != nil && t.Health.Port == 0 && len(t.Health.Command) == 0:
		return reject(event.RejectReasonInvalid, "the health check has neither command nor port")
	}
	return nil
}
