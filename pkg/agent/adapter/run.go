package adapter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/stream"
)

// Cluster is an opened cluster behind its adapter.
type Cluster interface {
	agent.Orchestrator
	// Wait returns when the context that the cluster was opened with has ended and nothing of it
	// runs any more.
	Wait()
}

// Open opens the cluster. What it starts ends with ctx. A cluster that cannot be reached is no error:
// its views are not complete, or err, until it answers.
type Open func(ctx context.Context) (Cluster, error)

// Run drives the cluster by the commands of the log until ctx ends; then it returns nil. Every other
// end has a reason: the configuration, no way to the log, a cluster that never joined
// (*stream.NotJoined), or a newer agent of the same cluster (*agent.ReplacedError).
func Run(ctx context.Context, c Config, orchestrator string, open Open) error {
	if err := c.Validate(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var id identity.Identity
	if c.Conn == nil {
		var err error
		if id, err = c.Connect.Identify(); err != nil {
			return err
		}
	}
	nc, done, err := c.connect(ctx, orchestrator)
	if err != nil {
		return err
	}
	defer done()
	log, err := stream.Open(ctx, nc, stream.Options{SkipCheck: true, Identity: id}) // an agent may not ask about streams
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	// The cluster stays open past ctx for as long as an orderly departure takes.
	opened, end := context.WithCancel(context.WithoutCancel(ctx))
	cluster, err := open(opened)
	if err != nil {
		end()
		return err
	}
	defer cluster.Wait()
	defer end()
	return agent.Run(ctx, c.agent(ctx, nc, orchestrator), log, cluster)
}

func (c Config) connect(ctx context.Context, orchestrator string) (*nats.Conn, func(), error) {
	if c.Conn != nil {
		return c.Conn, func() {}, nil
	}
	c.Connect.Name = cmp.Or(c.Connect.Name, fmt.Sprintf("fairlead agent-%s %s", orchestrator, c.Agent.Cluster))
	nc, err := stream.Connect(ctx, c.Connect)
	if err != nil {
		return nil, nil, err
	}
	return nc, nc.Close, nil
}

func (c Config) agent(ctx context.Context, nc *nats.Conn, orchestrator string) agent.Config {
	settings := c.Agent
	settings.Orchestrator = orchestrator
	settings.Version = cmp.Or(settings.Version, daemon.BuildInfo().Version)
	return agent.Config{
		Settings:    settings,
		LeaveOnStop: c.LeaveOnStop,
		Online:      agent.Online(ctx, nc),
		Log:         c.Logger(),
		Instruments: agent.NewInstruments(c.Telemetry),
		Ready:       c.Ready,
	}
}

// Part is an agent as a part of a process, which is ready while the agent reports. run is given what
// to tell of that, for its Config.
func Part(checks *daemon.Checks, run func(ctx context.Context, ready func(bool, string)) error) daemon.Part {
	var why atomic.Value
	why.Store("starting")
	checks.Add("agent", func(context.Context) error {
		if w := why.Load().(string); w != "" {
			return errors.New(w)
		}
		return nil
	})
	return daemon.Part{Name: "agent", Run: func(ctx context.Context, ready func()) error {
		ready()
		return run(ctx, func(_ bool, reason string) { why.Store(reason) })
	}}
}
