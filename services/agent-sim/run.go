package agentsim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Config is everything the service can be told.
type Config struct {
	// Clusters are simulated and have one agent each. They outlive Run: running again
	// with the same ones is a restart of their agents.
	Clusters []*Cluster

	// Connect says how to reach the log. Not used when Conn is given.
	Connect stream.ConnConfig
	// Conn is a connection to use; it is not closed. Every agent shares it.
	Conn *nats.Conn
	// Options are those of the log. The streams are not checked: agents may not.
	Options stream.Options
	// Join makes the command channel of every cluster first, as an operator would.
	Join bool

	// Agent holds the timings of every agent; cluster, instance and orchestrator in it
	// are not used. Parallel is 1 unless it is set: commands are applied in the order
	// in which they were debited, so that both choose the same nodes.
	Agent agent.Settings
	// LeaveOnStop makes an ordinary stop the departure of every cluster.
	LeaveOnStop bool

	// Log gets a line when something changes; slog.Default when nil.
	Log *slog.Logger
	// Telemetry is told of commands and reports; the zero value is nobody.
	Telemetry telemetry.Providers
	// Ready is told whether a cluster's agent is synchronised; nil for nobody. It is
	// called from several goroutines.
	Ready func(c event.ClusterID, ready bool, why string)
}

// Run runs the agents of all clusters until ctx ends, then returns nil. When one of
// them cannot go on, all end: a process half of whose clusters are silent helps nobody.
// Only a cluster that an operator takes out of the fleet is no reason: it waits to be
// admitted again.
func Run(ctx context.Context, cfg Config) error {
	if len(cfg.Clusters) == 0 {
		return errors.New("no clusters to simulate")
	}
	cfg.Log = or(cfg.Log, slog.Default())
	nc := cfg.Conn
	if nc == nil {
		var err error
		if cfg.Options.Identity, err = cfg.Connect.Identify(); err != nil {
			return err
		}
		own, err := stream.Connect(ctx, cfg.Connect)
		if err != nil {
			return err
		}
		defer own.Close()
		nc = own
	}
	log, err := cfg.open(ctx, nc)
	if err != nil {
		return err
	}
	return cfg.run(ctx, nc, log)
}

func (cfg *Config) open(ctx context.Context, nc *nats.Conn) (*stream.Log, error) {
	o := cfg.Options
	o.SkipCheck = true
	log, err := stream.Open(ctx, nc, o)
	if err != nil || !cfg.Join {
		return log, err
	}
	for _, c := range cfg.Clusters {
		if err := log.Join(ctx, c.spec.Name); err != nil {
			return nil, err
		}
	}
	return log, nil
}

func (cfg *Config) run(ctx context.Context, nc *nats.Conn, log agent.Log) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	ends := make([]error, len(cfg.Clusters))
	instruments := agent.NewInstruments(cfg.Telemetry)
	for i, c := range cfg.Clusters {
		all.Go(func() {
			if err := cfg.live(ctx, cfg.agent(ctx, c, nc, instruments), log, c); err != nil {
				ends[i] = fmt.Errorf("agent of cluster %s: %w", c.spec.Name, err)
				cancel()
			}
		})
	}
	all.Wait()
	return errors.Join(ends...)
}

// admitted is how often a cluster that was taken out looks whether it may come back.
const admitted = time.Second

// live runs one agent, again and again if its cluster leaves the fleet and joins. A
// cluster that was never in it ends with *stream.NotJoined: that is for whoever
// started this to mend.
func (cfg *Config) live(ctx context.Context, a agent.Config, log agent.Log, c *Cluster) error {
	tell, met := a.Ready, false
	a.Ready = func(ready bool, why string) {
		met = met || ready
		if tell != nil {
			tell(ready, why)
		}
	}
	for out := false; ; out = true {
		err := agent.Run(ctx, a, log, c)
		if !met || !errors.As(err, new(*stream.NotJoined)) {
			return err
		}
		if !out {
			cfg.Log.Warn("taken out of the fleet; waiting to be admitted again", "cluster", string(c.spec.Name))
		}
		a.Ready(false, "taken out of the fleet")
		select {
		case <-time.After(admitted):
		case <-ctx.Done():
			return nil
		}
	}
}

// agent is the configuration of one cluster's agent.
func (cfg *Config) agent(ctx context.Context, c *Cluster, nc *nats.Conn, i *agent.Instruments) agent.Config {
	settings := cfg.Agent
	settings.Parallel = or(settings.Parallel, 1)
	settings.Cluster, settings.Orchestrator, settings.Instance = c.spec.Name, c.spec.Orchestrator, ""
	out := agent.Config{
		Settings:    settings,
		LeaveOnStop: cfg.LeaveOnStop,
		Online:      agent.Online(ctx, nc),
		Log:         cfg.Log,
		Instruments: i,
	}
	if cfg.Ready != nil {
		out.Ready = func(ready bool, why string) { cfg.Ready(c.spec.Name, ready, why) }
	}
	return out
}
