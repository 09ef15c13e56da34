package cluster

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/services/agent-dcos/dcos"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/services/agent-dcos/marathon"
	"fairlead.dev/services/agent-dcos/mesos"
)

// Cluster is one DC/OS cluster. It implements agent.Orchestrator. Its methods may be called at the
// same time.
type Cluster struct {
	Config
	scheme   manifest.Scheme
	marathon marathon.Client
	mesos    mesos.Client
	http     *http.Client
	hints    agent.Hints
	who      who
	last     recent
	work     sync.WaitGroup
}

// Open prepares the way to the cluster, and removes old tombstones until ctx ends; Wait then returns
// when all is at rest. A cluster that cannot be reached is no error: views fail until it answers.
func Open(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg = cfg.completed()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuration of DC/OS: %w", err)
	}
	transport, err := cfg.transport()
	if err != nil {
		return nil, fmt.Errorf("configuration of DC/OS: %w", err)
	}
	tokens, err := cfg.tokens(transport)
	if err != nil {
		return nil, fmt.Errorf("configuration of DC/OS: %w", err)
	}
	to := func(base string) *dcos.Client {
		return &dcos.Client{Base: base, HTTP: transport, Tokens: tokens, Within: cfg.Within}
	}
	c := &Cluster{
		Config:   cfg,
		scheme:   cfg.scheme(),
		marathon: marathon.Client{Client: to(cfg.Marathon)},
		mesos:    mesos.Client{Client: to(cfg.Mesos)},
		http:     transport,
	}
	c.work.Go(func() { c.sweep(ctx) })
	return c, nil
}

// Wait returns when the context given to Open has ended and nothing of the cluster runs any more.
func (c *Cluster) Wait() {
	c.work.Wait()
	c.http.CloseIdleConnections()
}
