package cluster

import (
	"context"
	"fmt"
	"strconv"

	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

// Swarm has no quotas. Whoever runs it may still limit the federation, by a config of the name that
// manifest.Scheme.Quota gives, with any of these labels:
//
//	docker config create --label fairlead.dev/services=20 --label fairlead.dev/cpu-milli=8000 fairlead.quota.eu-1 -
const (
	labelServices    = manifest.Prefix + "services"
	labelReplicas    = manifest.Prefix + "replicas"
	labelCPUMilli    = manifest.Prefix + "cpu-milli"
	labelMemoryBytes = manifest.Prefix + "memory-bytes"
)

// withinQuota rejects what would take the federation beyond its limits here. What is there already is
// read from the services, whether they run or not.
func (c *Cluster) withinQuota(ctx context.Context, m *manifest.Manifest, live *swarm.Service) error {
	limits, err := c.config(ctx, c.scheme.Quota())
	if err != nil {
		return fmt.Errorf("read quota: %w", err)
	}
	if limits == nil {
		return nil
	}
	s, err := c.glance(ctx)
	if err != nil {
		return err
	}
	more := c.demand(m.Spec)
	if live != nil {
		more = more.less(c.demand(live.Spec))
	}
	used := demand{}
	for _, service := range s.services {
		used = used.plus(c.demand(service.Spec))
	}
	return compare(limits, used, more)
}

// demand is what services ask for in all.
type demand map[string]int64

func (c *Cluster) demand(spec swarm.ServiceSpec) demand {
	asked, n := c.read.Asked(spec.TaskTemplate.Resources), int64(manifest.Replicas(spec.Mode))
	return demand{labelServices: 1, labelReplicas: n, labelCPUMilli: n * asked.CPUMilli, labelMemoryBytes: n * asked.MemoryBytes}
}

func (d demand) plus(o demand) demand {
	sum := demand{}
	for name, amount := range o {
		sum[name] = d[name] + amount
	}
	return sum
}

func (d demand) less(o demand) demand {
	left := demand{}
	for name, amount := range d {
		left[name] = amount - o[name]
	}
	return left
}

// compare compares in the order of the labels, so that one state gives one message.
func compare(limits *swarm.Config, used, more demand) error {
	for _, name := range []string{labelServices, labelReplicas, labelCPUMilli, labelMemoryBytes} {
		text, limited := limits.Spec.Labels[name]
		if !limited || more[name] <= 0 {
			continue
		}
		most, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return quotaf("quota %s: %s=%q is no number", limits.Spec.Name, name, text)
		}
		if used[name]+more[name] > most {
			return quotaf("quota %s: %s is limited to %d, %d are used, %d more are asked for", limits.Spec.Name, name, most, used[name], more[name])
		}
	}
	return nil
}

func quotaf(format string, args ...any) error {
	return &agent.Rejection{Reason: event.RejectReasonQuota, Message: fmt.Sprintf(format, args...)}
}
