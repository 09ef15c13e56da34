package manifest

import (
	"maps"
	"strconv"

	"github.com/distribution/reference"
	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
)

// Manifest is the service that a workload should be.
type Manifest struct {
	Spec  swarm.ServiceSpec
	Asked inventory.Room // by one replica
}

// Build maps what is desired. The error is a *agent.Rejection.
func (s Scheme) Build(d agent.Desired, k Keys) (*Manifest, error) {
	if err := refuse(d); err != nil {
		return nil, err
	}
	labels := maps.Clone(d.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, s.Labels(d.Workload))
	task, err := task(d, labels, k)
	if err != nil {
		return nil, err
	}
	spec := swarm.ServiceSpec{
		Annotations:  swarm.Annotations{Name: s.Service(d.Workload), Labels: labels},
		TaskTemplate: task,
		Mode:         mode(d.Kind, uint64(d.Replicas)),
		UpdateConfig: updateLimits(d),
		EndpointSpec: &swarm.EndpointSpec{Mode: swarm.ResolutionModeVIP},
	}
	seal(&spec, d)
	return &Manifest{Spec: spec, Asked: inventory.Asked(d.Template.Resources)}, nil
}

// seal takes the digest of the service as it is so far, then adds what changes with every command.
func seal(spec *swarm.ServiceSpec, d agent.Desired) {
	sealed := Digest(*spec)
	labels := maps.Clone(spec.Labels)
	labels[LabelToken] = strconv.FormatUint(d.Token, 10)
	labels[LabelGeneration] = strconv.FormatUint(d.Generation, 10)
	labels[LabelHash] = d.Hash
	labels[LabelDigest] = sealed
	spec.Labels = labels
}

func mode(kind event.Kind, replicas uint64) swarm.ServiceMode {
	if kind == event.KindJob {
		return swarm.ServiceMode{ReplicatedJob: &swarm.ReplicatedJob{MaxConcurrent: &replicas, TotalCompletions: &replicas}}
	}
	return swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &replicas}}
}

// updateLimits keeps an update within the template's limits; nil leaves it to Swarm, which replaces
// one replica at a time and stops the old one first.
func updateLimits(d agent.Desired) *swarm.UpdateConfig {
	surge, missing := uint64(d.Template.MaxSurge), uint64(d.Template.MaxUnavailable)
	switch {
	case d.Kind != event.KindService || surge == 0 && missing == 0:
		return nil
	case missing == 0:
		return &swarm.UpdateConfig{Parallelism: surge, FailureAction: swarm.UpdateFailureActionPause, Order: swarm.UpdateOrderStartFirst}
	}
	return &swarm.UpdateConfig{Parallelism: missing, FailureAction: swarm.UpdateFailureActionPause, Order: swarm.UpdateOrderStopFirst}
}

// image is the reference as the client library would send it, with a tag.
func image(name string) (string, error) {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", agent.Reject(event.RejectReasonInvalid, "image %q: %v", name, err)
	}
	return reference.FamiliarString(reference.TagNameOnly(named)), nil
}
