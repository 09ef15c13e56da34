package agentkubernetes

import (
	"context"

	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/pkg/daemon"
	"fairlead.dev/services/agent-kubernetes/cluster"
)

// Run drives the cluster by the commands of the log until ctx ends, as adapter.Run does.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	return adapter.Run(ctx, cfg.Config, cluster.Orchestrator, cfg.open)
}

func (c Config) open(ctx context.Context) (adapter.Cluster, error) {
	rc, err := c.restConfig()
	if err != nil {
		return nil, err
	}
	k := c.Kubernetes
	k.REST, k.Cluster, k.Log = rc, c.Agent.Cluster, c.Logger()
	return cluster.Open(ctx, k)
}

// Part is the agent as a part of a process, which is ready while the agent reports.
func Part(cfg Config, checks *daemon.Checks) daemon.Part {
	return adapter.Part(checks, func(ctx context.Context, ready func(bool, string)) error {
		cfg.Ready = ready
		return Run(ctx, cfg)
	})
}
