package dcos

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
	agentdcos "fairlead.dev/services/agent-dcos"
	"fairlead.dev/services/agent-dcos/cluster"
	"fairlead.dev/services/placement"
	"fairlead.dev/test/dcos/double"
)

// federation is the broker, the placement service and one cluster with its agent.
type federation struct {
	*scene
	url string
	nc  *nats.Conn
	log *stream.Log
	ask *query.Client
}

func newFederation(t *testing.T, cfg double.Config) *federation {
	t.Helper()
	f := &federation{scene: newScene(t, cfg)}
	f.broker()
	core := scheduler.DefaultConfig()
	core.TickMillis = 500
	f.run("placement", func(ctx context.Context) error {
		return placement.Run(ctx, placement.Config{Connect: f.connect(), Scheduler: core, Log: quiet()})
	})
	f.must(f.log.Join(t.Context(), "eu-1"))
	f.run("agent", func(ctx context.Context) error {
		return agentdcos.Run(ctx, agentdcos.Config{
			Config: adapter.Config{
				Connect: f.connect(), Agent: agent.Settings{Cluster: "eu-1", ReportEvery: time.Second}, Log: quiet(),
			},
			DCOS: cluster.Config{URL: f.URL()},
		})
	})
	return f
}

func (f *federation) broker() {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: f.t.TempDir(), NoLog: true, NoSigs: true,
	})
	f.must(err)
	s.Start()
	f.t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(patience) {
		f.t.Fatal("the NATS server is not ready")
	}
	f.url = s.ClientURL()
	f.nc, err = nats.Connect(f.url)
	f.must(err)
	f.t.Cleanup(f.nc.Close)
	js, err := jetstream.New(f.nc)
	f.must(err)
	o := stream.Options{Scale: 0.01}
	_, err = stream.Setup(f.t.Context(), js, o)
	f.must(err)
	f.log, err = stream.Open(f.t.Context(), f.nc, o)
	f.must(err)
	f.ask = query.New(f.nc)
}

func (f *federation) connect() stream.ConnConfig { return stream.ConnConfig{URL: f.url, Log: quiet()} }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// run runs a service until the test ends.
func (f *federation) run(name string, service func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		if err := service(ctx); err != nil {
			f.t.Errorf("%s: %v", name, err)
		}
	})
	f.t.Cleanup(func() {
		cancel()
		work.Wait()
	})
}

func (f *federation) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// publish says something as a service would.
func (f *federation) publish(p event.Payload) {
	f.t.Helper()
	e := event.New("/tenants/"+p.ScopeName()+"/e2e", p)
	e.ID, e.Time = nats.NewInbox(), time.Now().UTC()
	_, err := f.log.Publish(f.t.Context(), e)
	f.must(err)
}

// workload waits until placement shows the workload in a phase.
func (f *federation) workload(w event.WorkloadID, phase scheduler.Phase) scheduler.WorkloadView {
	f.t.Helper()
	var view scheduler.WorkloadView
	f.eventually(fmt.Sprintf("%s %s", w, phase), func() (err error) {
		if view, _, err = f.ask.Workload(f.t.Context(), w); err == nil && view.Phase != phase {
			err = fmt.Errorf("%s: %s %s, %+v, refused %+v", w, view.Phase, view.Verdict, view.Assignments, view.Refusals)
		}
		return err
	})
	return view
}

func submission(w event.WorkloadID, kind event.Kind, replicas int) *event.WorkloadSubmitted {
	return &event.WorkloadSubmitted{
		Tenant: w.Tenant, Name: w.Name, Kind: kind, Replicas: replicas,
		Template: event.Template{Image: "registry.example/app:1", Resources: event.Resources{CPUMilli: 500, MemoryBytes: 128 << 20}},
	}
}

// TestFederation takes one cluster through a workload's life, with placement and the log.
func TestFederation(t *testing.T) {
	f := newFederation(t, double.Config{LaunchFor: 20 * time.Millisecond, KillFor: 20 * time.Millisecond})
	began := time.Now()
	f.publish(submission(web, event.KindService, 5))
	f.workload(web, scheduler.PhaseReady)
	t.Logf("5 replicas were ready %s after they were submitted", time.Since(began).Round(time.Millisecond))
	if app := f.Apps()[webMain]; app["tasksRunning"] != 5 {
		t.Errorf("Marathon runs %v of %v", app["tasksRunning"], app["instances"])
	}
	all, _, err := f.ask.Clusters(t.Context())
	f.must(err)
	if len(all) != 1 || all[0].Orchestrator != "dcos" || all[0].Region != "eu" || all[0].Nodes != len(nodes()) {
		t.Errorf("clusters %+v", all)
	}

	f.publish(submission(web, event.KindService, 8))
	f.eventually("8 replicas", func() error {
		if app := f.Apps()[webMain]; app["tasksRunning"] != 8 {
			return fmt.Errorf("%v run", app["tasksRunning"])
		}
		return nil
	})

	job := event.WorkloadID{Tenant: "shop", Name: "report"}
	f.publish(submission(job, event.KindJob, 1))
	f.eventually("a job to be held as nothing that the cluster runs", func() error {
		view, _, err := f.ask.Workload(t.Context(), job)
		if err == nil && (view.Verdict != event.VerdictHeld || len(view.Refusals) != 1 || view.Refusals[0].Check != "kind") {
			err = fmt.Errorf("%s, %+v", view.Verdict, view.Refusals)
		}
		return err
	})

	f.publish(&event.WorkloadWithdrawn{Tenant: web.Tenant, Name: web.Name})
	f.eventually("the app to be gone and its token kept", func() error {
		apps := f.Apps()
		if apps[webMain] != nil || apps[webFence] == nil {
			return fmt.Errorf("apps %v", apps)
		}
		return nil
	})
}
