package agentdcos

import (
	"context"

	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/pkg/daemon"
	"fairlead.dev/services/agent-dcos/cluster"
)

// Run drives the cluster by the commands of the log until ctx ends, as adapter.Run does.
func Run(ctx context.Context, cfg Config) error {
	return adapter.Run(ctx, cfg.Config, cluster.Orchestrator, func(ctx context.Context) (adapter.Cluster, error) {
		d := cfg.DCOS
		d.Cluster, d.Log = cfg.Agent.Cluster, cfg.Logger()
		return cluster.Open(ctx, d)
	})
}

// Part is the agent as a part of a process, which is ready while the agent reports.
func Part(cfg Config, checks *daemon.Checks) daemon.Part {
	return adapter.Part(checks, func(ctx context.Context, ready func(bool, string)) error {
		cfg.Ready = ready
		return Run(ctx, cfg)
	})
}
