package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// task is what every replica is made from.
func task(d agent.Desired, labels map[string]string, k Keys) (swarm.TaskSpec, error) {
	image, err := image(d.Template.Image)
	if err != nil {
		return swarm.TaskSpec{}, err
	}
	placed, err := k.placement(d)
	if err != nil {
		return swarm.TaskSpec{}, err
	}
	if len(d.Template.Ports) > 0 {
		labels = maps.Clone(labels)
		labels[LabelPorts] = ports(d.Template.Ports)
	}
	return swarm.TaskSpec{
		Runtime: swarm.RuntimeContainer,
		ContainerSpec: &swarm.ContainerSpec{
			Image:       image,
			Labels:      labels,
			Command:     d.Template.Command,
			Args:        d.Template.Args,
			Env:         environment(d.Template.Env),
			Healthcheck: health(d.Template.Health),
			Isolation:   container.IsolationDefault,
		},
		Resources:     k.resources(d.Template.Resources),
		RestartPolicy: &swarm.RestartPolicy{Condition: restart(d)},
		Placement:     placed,
	}, nil
}

func environment(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

func ports(list []event.Port) string {
	words := make([]string, len(list))
	for i, p := range list {
		protocol := p.Protocol
		if protocol == "" {
			protocol = event.ProtocolTcp
		}
		words[i] = fmt.Sprintf("%d/%s", p.Port, protocol)
	}
	return strings.Join(words, ",")
}

// resources reserves all that placement counted, and limits memory alone, see doc.go.
func (k Keys) resources(r event.Resources) *swarm.ResourceRequirements {
	asked := &swarm.Resources{
		NanoCPUs:         r.CPUMilli * NanoPerMilli,
		MemoryBytes:      r.MemoryBytes,
		GenericResources: k.generic(r),
	}
	if asked.NanoCPUs == 0 && asked.MemoryBytes == 0 && len(asked.GenericResources) == 0 {
		return nil
	}
	needs := &swarm.ResourceRequirements{Reservations: asked}
	if r.MemoryBytes > 0 {
		needs.Limits = &swarm.Limit{MemoryBytes: r.MemoryBytes}
	}
	return needs
}

func (k Keys) generic(r event.Resources) []swarm.GenericResource {
	units := maps.Clone(r.Extended)
	if r.GPUMilli > 0 {
		if units == nil {
			units = map[string]int64{}
		}
		units[k.GPU] += r.GPUMilli / room.Device
	}
	var list []swarm.GenericResource
	for _, kind := range slices.Sorted(maps.Keys(units)) {
		if units[kind] > 0 {
			list = append(list, swarm.GenericResource{DiscreteResourceSpec: &swarm.DiscreteGenericResource{Kind: kind, Value: units[kind]}})
		}
	}
	return list
}

// health is the command of a check; refuse has let no other pass.
func health(h *event.HealthCheck) *container.HealthConfig {
	if h == nil {
		return nil
	}
	return &container.HealthConfig{
		Test:     append([]string{"CMD"}, h.Command...),
		Interval: time.Duration(h.PeriodSeconds) * time.Second,
		Timeout:  time.Duration(h.TimeoutSeconds) * time.Second,
		Retries:  h.FailureThreshold,
	}
}

func restart(d agent.Desired) swarm.RestartPolicyCondition {
	switch {
	case d.Kind == event.KindService:
		return swarm.RestartPolicyConditionAny
	case d.Template.Restart == event.RestartPolicyNever:
		return swarm.RestartPolicyConditionNone
	}
	return swarm.RestartPolicyConditionOnFailure
}
