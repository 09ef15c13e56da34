package dcos

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/cluster"
	"fairlead.dev/test/dcos/double"
)

// patience is how long a test waits for what should come soon.
const patience = 30 * time.Second

// nodes are 12 cores in three plain nodes, and 8 in one with GPUs.
func nodes() []double.Node {
	var list []double.Node
	for i := range 3 {
		list = append(list, double.Node{
			Name: fmt.Sprintf("plain-%d", i), CPUs: 4, MemMiB: 8 << 10, Region: "eu", Zone: "eu-a",
			Attributes: map[string]string{"instance-type": "plain.4", "arch": "amd64", "disk": "ssd", "provider": "metal"},
		})
	}
	return append(list, double.Node{
		Name: "gpu-0", CPUs: 8, MemMiB: 32 << 10, GPUs: 4, Region: "eu", Zone: "eu-b",
		Attributes: map[string]string{"instance-type": "gpu.8", "arch": "amd64", "provider": "metal"},
	})
}

// scene is a cluster that is played, and what is asked of it.
type scene struct {
	t *testing.T
	*double.Cluster
}

func newScene(t *testing.T, cfg double.Config) *scene {
	t.Helper()
	if cfg.Nodes == nil {
		cfg.Nodes = nodes()
	}
	c, err := double.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &scene{t, c}
}

// open is a fresh adapter; change may alter its configuration.
func (s *scene) open(t testing.TB, change func(*cluster.Config)) *cluster.Cluster {
	t.Helper()
	cfg := cluster.Config{URL: s.URL(), Cluster: "eu-1", ForceAfter: 200 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c, err := cluster.Open(ctx, cfg)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		c.Wait()
	})
	return c
}

// service is a workload of n replicas of one tenth of a core.
func service(w event.WorkloadID, token uint64, n int) agent.Desired {
	d := agent.Desired{
		Workload: w, Token: token, Generation: 100 + token, Kind: event.KindService, Replicas: n,
		Template: event.Template{
			Image: "registry.example/app:1", Env: map[string]string{"A": "b"}, Ports: []event.Port{{Name: "http", Port: 8080}},
			Resources: event.Resources{CPUMilli: 100, MemoryBytes: 64 << 20},
		},
		Labels: map[string]string{"team": "shop"},
	}
	d.Hash = agent.Hash(d)
	return d
}

var web = event.WorkloadID{Tenant: "shop", Name: "web"}

const (
	webMain  = "/fairlead/shop/web/main"
	webFence = "/fairlead/shop/web/fence"
)

func (s *scene) eventually(what string, check func() error) {
	s.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			s.t.Fatalf("waited %s for %s: %v", patience, what, err)
		case <-tick.C:
		}
	}
}
