package cluster

import (
	"context"
	"fmt"
	"sync"

	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/services/agent-swarm/manifest"
	"fairlead.dev/services/agent-swarm/reading"
)

// Cluster is one swarm. It implements agent.Orchestrator. Its methods may be called at the same time.
type Cluster struct {
	Config
	scheme manifest.Scheme
	read   reading.Reader
	api    *client.Client
	hints  agent.Hints
	pace   pace
	last   recent
	work   sync.WaitGroup
}

// Open prepares the way to the swarm, and follows its events until ctx ends; Wait then returns when
// all is at rest. A swarm that cannot be reached is no error: views fail until it answers.
func Open(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg = cfg.completed()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuration of the swarm: %w", err)
	}
	api, err := cfg.connect()
	if err != nil {
		return nil, fmt.Errorf("prepare the way to the swarm: %w", err)
	}
	c := &Cluster{
		Config: cfg,
		scheme: cfg.scheme(),
		read:   reading.Reader{Keys: cfg.Keys, ReservedCPUMilli: cfg.ReservedCPUMilli, ReservedMemoryBytes: cfg.ReservedMemoryBytes},
		api:    api,
	}
	c.work.Go(func() { c.sweep(ctx) })
	return c, nil
}

// Wait returns when the context given to Open has ended and nothing of the cluster runs any more.
func (c *Cluster) Wait() {
	c.work.Wait()
	_ = c.api.Close() // idle connections alone
}

func (c Config) connect() (*client.Client, error) {
	options := []client.Opt{client.WithHost(c.Host), client.WithUserAgent("fairlead-agent-swarm")}
	if c.CA != "" {
		options = append(options, client.WithTLSClientConfig(c.CA, c.Cert, c.Key))
	}
	return client.New(options...)
}

// within bounds one request: a manager that hangs must not hold up the rest.
func (c *Cluster) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.Within)
}
