package agentkubernetes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/agent-kubernetes/cluster"
)

// Run drives the cluster by the commands of the log until ctx ends; then it returns nil. Every other
// end has a reason: the configuration, no way to the log, a cluster that never joined
// (*stream.NotJoined), or a newer agent of the same cluster (*agent.ReplacedError).
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var id identity.Identity
	if cfg.Conn == nil {
		var err error
		if id, err = cfg.Connect.Identify(); err != nil {
			return err
		}
	}
	nc, done, err := cfg.connect(ctx)
	if err != nil {
		return err
	}
	defer done()
	log, err := stream.Open(ctx, nc, stream.Options{SkipCheck: true, Identity: id}) // an agent may not ask about streams
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	// The watches outlive ctx for as long as an orderly departure takes.
	watching, end := context.WithCancel(context.WithoutCancel(ctx))
	k, err := cfg.open(watching)
	if err != nil {
		end()
		return err
	}
	defer k.Wait()
	defer end()
	return agent.Run(ctx, cfg.agent(ctx, nc), log, k)
}

func (c Config) connect(ctx context.Context) (*nats.Conn, func(), error) {
	if c.Conn != nil {
		return c.Conn, func() {}, nil
	}
	c.Connect.Name = cmp.Or(c.Connect.Name, "fairlead agent-kubernetes "+string(c.Agent.Cluster))
	nc, err := stream.Connect(ctx, c.Connect)
	if err != nil {
		return nil, nil, err
	}
	return nc, nc.Close, nil
}

func (c Config) open(ctx context.Context) (*cluster.Cluster, error) {
	rc, err := c.restConfig()
	if err != nil {
		return nil, err
	}
	k := c.Kubernetes
	k.REST, k.Cluster, k.Log = rc, c.Agent.Cluster, c.logger()
	return cluster.Open(ctx, k)
}

func (c Config) logger() *slog.Logger {
	if c.Log == nil {
		return slog.Default()
	}
	return c.Log
}

func (c Config) agent(ctx context.Context, nc *nats.Conn) agent.Config {
	settings := c.Agent
	settings.Orchestrator = "kubernetes"
	settings.Version = cmp.Or(settings.Version, daemon.BuildInfo().Version)
	return agent.Config{
		Settings:    settings,
		LeaveOnStop: c.LeaveOnStop,
		Online:      agent.Online(ctx, nc),
		Log:         c.logger(),
		Instruments: agent.NewInstruments(c.Telemetry),
		Ready:       c.Ready,
	}
}

// Part is the agent as a part of a process, which is ready while the agent reports.
func Part(cfg Config, checks *daemon.Checks) daemon.Part {
	var why atomic.Value
	why.Store("starting")
	checks.Add("agent", func(context.Context) error {
		if w := why.Load().(string); w != "" {
			return errors.New(w)
		}
		return nil
	})
	cfg.Ready = func(_ bool, reason string) { why.Store(reason) }
	return daemon.Part{Name: "agent", Run: func(ctx context.Context, ready func()) error {
		ready()
		return Run(ctx, cfg)
	}}
}
