package swarm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/cluster"
	"fairlead.dev/services/agent-swarm/manifest"
	"fairlead.dev/services/agent-swarm/reading"
	"fairlead.dev/test/swarm/engine"
)

// patience is how long a scene waits for what should come soon.
const patience = 60 * time.Second

// scene is one federation's share of the swarm: names of its own, and a client to look past the agent.
type scene struct {
	t      testing.TB
	engine *engine.Swarm
	api    *client.Client
	scheme manifest.Scheme
	wire   *wire                 // between the agents and the manager
	tweak  func(*cluster.Config) // of the agents
	stops  []func()              // of the agents
}

var scenes atomic.Int64

func newScene(t testing.TB, e *engine.Swarm) *scene {
	t.Helper()
	n := scenes.Add(1)
	s := &scene{
		t: t, engine: e, api: e.Client(t, 0), wire: newWire(t, e.Socket(0)),
		scheme: manifest.Scheme{Cluster: event.ClusterID(fmt.Sprintf("s%d", n)), Prefix: fmt.Sprintf("s%d-", n)},
	}
	t.Cleanup(s.close)
	return s
}

// close ends the agents, removes what the scene made, and waits until its tasks are gone: the next
// scene counts free room.
func (s *scene) close() {
	for _, stop := range s.stops {
		stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.within(ctx, "the scene's end", func() error {
		services, err := s.api.ServiceList(ctx, client.ServiceListOptions{Filters: client.Filters{}.Add("name", s.scheme.Prefix)})
		for _, service := range services.Items {
			_, gone := s.api.ServiceRemove(ctx, service.ID, client.ServiceRemoveOptions{})
			err = errors.Join(err, gone, fmt.Errorf("service %s was there", service.Spec.Name))
		}
		configs, list := s.api.ConfigList(ctx, client.ConfigListOptions{Filters: client.Filters{}.Add("label", manifest.LabelCluster+"="+string(s.scheme.Cluster))})
		for _, config := range configs.Items {
			_, gone := s.api.ConfigRemove(ctx, config.ID, client.ConfigRemoveOptions{})
			list = errors.Join(list, gone)
		}
		tasks, left := s.api.TaskList(ctx, client.TaskListOptions{})
		for _, task := range tasks.Items { // a job's that have ended stay when the job goes
			if !reading.Ended(task) {
				left = fmt.Errorf("task %s is wanted %s and is %+v", task.ID, task.DesiredState, task.Status)
			}
		}
		return errors.Join(err, list, left)
	})
}

// agent opens a fresh adapter on the swarm.
func (s *scene) agent() *cluster.Cluster {
	s.t.Helper()
	cfg := cluster.Config{
		Host: s.wire.host(), Cluster: s.scheme.Cluster, Prefix: s.scheme.Prefix,
		Poll: 500 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
	}
	if s.tweak != nil {
		s.tweak(&cfg)
	}
	ctx, stop := context.WithCancel(context.Background())
	c, err := cluster.Open(ctx, cfg)
	if err != nil {
		stop()
		s.t.Fatal(err)
	}
	s.stops = append(s.stops, func() {
		stop()
		c.Wait()
	})
	return c
}

// service reads a workload's service past the agent; nil if there is none.
func (s *scene) service(w event.WorkloadID) *swarm.Service {
	s.t.Helper()
	return s.named(s.scheme.Service(w))
}

func (s *scene) named(name string) *swarm.Service {
	s.t.Helper()
	list, err := s.api.ServiceList(s.t.Context(), client.ServiceListOptions{})
	s.must(err)
	for i := range list.Items {
		if list.Items[i].Spec.Name == name {
			return &list.Items[i]
		}
	}
	return nil
}

// edit changes a workload's service by hand.
func (s *scene) edit(w event.WorkloadID, change func(*swarm.ServiceSpec)) {
	s.t.Helper()
	s.eventually("a change by hand", func() error {
		live := s.service(w)
		if live == nil {
			return errors.New("there is no service")
		}
		change(&live.Spec)
		_, err := s.api.ServiceUpdate(s.t.Context(), live.ID, client.ServiceUpdateOptions{Version: live.Version, Spec: live.Spec})
		return err
	})
}

// eventually waits for a condition and fails the test with its last error.
func (s *scene) eventually(what string, check func() error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	s.within(ctx, what, check)
}

func (s *scene) within(ctx context.Context, what string, check func() error) {
	s.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			s.t.Fatalf("waited for %s: %v", what, err)
		}
	}
}

// object waits until the view shows the workload as check wants it.
func (s *scene) object(c *cluster.Cluster, w event.WorkloadID, what string, check func(agent.Object) bool) agent.Object {
	s.t.Helper()
	var found agent.Object
	s.eventually(w.String()+" "+what, func() error {
		v, err := c.Observe(s.t.Context())
		if err != nil {
			return err
		}
		for _, o := range v.Objects {
			if found = o; o.Workload == w && check(o) {
				return nil
			}
		}
		return fmt.Errorf("observed %+v", v.Objects)
	})
	return found
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// rejected fails the test unless err is a rejection for the reason, and gives its words.
func (s *scene) rejected(err error, reason event.RejectReason) string {
	s.t.Helper()
	var r *agent.Rejection
	if !errors.As(err, &r) || r.Reason != reason {
		s.t.Fatalf("got %v, want a rejection for %s", err, reason)
	}
	return r.Message
}

// desired is a small workload that the swarm has room for.
func (s *scene) desired(w event.WorkloadID, token uint64, replicas int, change func(*agent.Desired)) agent.Desired {
	d := agent.Desired{
		Workload: w, Token: token, Generation: 100 + token, Replicas: replicas, Kind: event.KindService,
		Template: event.Template{Image: s.engine.Image, Resources: event.Resources{CPUMilli: 100, MemoryBytes: 32 << 20}},
	}
	if change != nil {
		change(&d)
	}
	d.Hash = agent.Hash(d)
	return d
}

var web = event.WorkloadID{Tenant: "shop", Name: "web"}
