package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mobyswarm "github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
	agentsim "fairlead.dev/services/agent-sim"
	agentswarm "fairlead.dev/services/agent-swarm"
	"fairlead.dev/services/agent-swarm/cluster"
	"fairlead.dev/services/placement"
	"fairlead.dev/test/swarm/engine"
)

// patience is how long the story waits for what should come soon.
const patience = 90 * time.Second

// federation is the broker, placement, the swarm and the simulated cluster.
type federation struct {
	t         *testing.T
	engine    *engine.Swarm
	api       *client.Client
	nats      *server.Server
	log       *stream.Log
	ask       *query.Client
	stopAgent func()
}

func newFederation(t *testing.T) *federation {
	t.Helper()
	e := engine.Start(t, 3)
	f := &federation{t: t, engine: e, api: e.Client(t, 0)}
	f.broker()
	core := scheduler.DefaultConfig()
	core.TickMillis = 500
	f.run("placement", func(ctx context.Context) error {
		return placement.Run(ctx, placement.Config{Connect: f.connect(), Scheduler: core, Log: quiet()})
	})
	spec := agentsim.Spec{Name: simulated, Region: "us", Nodes: []agentsim.Nodes{{Count: 2, Shape: "plain", CPU: 4000, Memory: 8 << 30}}}
	f.run("the simulated cluster", func(ctx context.Context) error {
		return agentsim.Run(ctx, agentsim.Config{Clusters: []*agentsim.Cluster{agentsim.New(spec)}, Connect: f.connect(), Join: true, Log: quiet()})
	})
	f.must(f.log.Join(t.Context(), real))
	f.startAgent()
	f.clusterIs(simulated, scheduler.ClusterReady)
	return f
}

func (f *federation) broker() {
	f.t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: f.t.TempDir(), NoLog: true, NoSigs: true,
	})
	f.must(err)
	f.nats = s
	s.Start()
	f.t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(30 * time.Second) {
		f.t.Fatal("the NATS server is not ready")
	}
	nc, err := nats.Connect(s.ClientURL())
	f.must(err)
	f.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	f.must(err)
	o := stream.Options{Scale: 0.01}
	_, err = stream.Setup(f.t.Context(), js, o)
	f.must(err)
	f.log, err = stream.Open(f.t.Context(), nc, o)
	f.must(err)
	f.ask = query.New(nc)
}

func (f *federation) connect() stream.ConnConfig {
	return stream.ConnConfig{URL: f.nats.ClientURL(), Log: quiet()}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// run runs a service until the test ends or the stop it returns is called.
func (f *federation) run(name string, service func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			f.t.Errorf("%s: %v", name, err)
		}
	})
	f.t.Cleanup(stop)
	return stop
}

func (f *federation) startAgent() {
	f.stopAgent = f.run("the swarm's agent", func(ctx context.Context) error {
		return agentswarm.Run(ctx, agentswarm.Config{
			Config: adapter.Config{Connect: f.connect(), Agent: agent.Settings{Cluster: real, ReportEvery: 2 * time.Second}, Log: quiet()},
			Swarm:  cluster.Config{Host: f.engine.Host(0), Region: "eu"},
		})
	})
}

// submit says what is wanted, as a service would.
func (f *federation) submit(name event.WorkloadName, replicas int, change func(*event.WorkloadSubmitted)) event.WorkloadID {
	f.t.Helper()
	w := &event.WorkloadSubmitted{Tenant: "shop", Name: name, Kind: event.KindService, Replicas: replicas, Template: event.Template{
		Image: f.engine.Image, Resources: event.Resources{CPUMilli: 100, MemoryBytes: 32 << 20},
	}}
	change(w)
	f.publish(w)
	return event.WorkloadID{Tenant: "shop", Name: name}
}

func (f *federation) publish(p event.Payload) {
	f.t.Helper()
	f.say("/tenants/"+p.ScopeName()+"/e2e", p)
}

// order says what an operator does.
func (f *federation) order(p event.Payload) {
	f.t.Helper()
	f.say(event.OperatorSource("e2e"), p)
}

func (f *federation) say(source string, p event.Payload) {
	f.t.Helper()
	e := event.New(source, p)
	e.ID, e.Time = nats.NewInbox(), time.Now().UTC()
	_, err := f.log.Publish(f.t.Context(), e)
	f.must(err)
}

// ready waits until all replicas are ready on one cluster.
func (f *federation) ready(w event.WorkloadID, replicas int, on event.ClusterID) {
	f.t.Helper()
	f.eventually(fmt.Sprintf("%s ready on %s", w, on), func() error {
		view, _, err := f.ask.Workload(f.t.Context(), w)
		if err != nil {
			return err
		}
		if a := view.Assignments; len(a) != 1 || a[0].Cluster != on || a[0].Ready != replicas || a[0].Replicas != replicas {
			return fmt.Errorf("%s %s: %+v, refused %+v", view.Phase, view.Verdict, a, view.Refusals)
		}
		return nil
	})
}

// explained wants to read why a workload is not on a cluster.
func (f *federation) explained(w event.WorkloadID, on event.ClusterID, words string) {
	f.t.Helper()
	why, _, err := f.ask.Explain(f.t.Context(), w)
	f.must(err)
	for _, row := range why.Clusters {
		for _, check := range row.Checks {
			if row.Cluster == on && strings.Contains(check.Message, words) {
				return
			}
		}
	}
	f.t.Errorf("nothing says %q of %s: %+v", words, on, why.Clusters)
}

// clusterIs waits until placement shows the cluster in a state.
func (f *federation) clusterIs(name event.ClusterID, state scheduler.ClusterState) (found scheduler.ClusterView) {
	f.t.Helper()
	f.eventually(string(name)+" "+string(state), func() error {
		all, _, err := f.ask.Clusters(f.t.Context())
		if at := slices.IndexFunc(all, func(c scheduler.ClusterView) bool { return c.Cluster == name }); at >= 0 {
			found = all[at]
		}
		if err == nil && found.State != state {
			err = fmt.Errorf("%s is %q", name, found.State)
		}
		return err
	})
	return found
}

// tasks counts what runs of a service, past the agent.
func (f *federation) tasks(service string) (n int) {
	f.t.Helper()
	list, err := f.api.TaskList(f.t.Context(), client.TaskListOptions{Filters: client.Filters{}.Add("service", service)})
	f.must(err)
	for _, t := range list.Items {
		if t.Status.State == mobyswarm.TaskStateRunning && t.DesiredState == mobyswarm.TaskStateRunning {
			n++
		}
	}
	return n
}

func (f *federation) services() (names []string) {
	f.t.Helper()
	list, err := f.api.ServiceList(f.t.Context(), client.ServiceListOptions{})
	f.must(err)
	for _, s := range list.Items {
		names = append(names, s.Spec.Name)
	}
	return names
}

func (f *federation) eventually(what string, check func() error) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
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
			f.t.Fatalf("waited for %s: %v", what, err)
		}
	}
}

func (f *federation) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}
