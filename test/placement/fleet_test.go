package placement

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	service "fairlead.dev/services/placement"
	"fairlead.dev/test/harness"
)

// fleet is a broker with the log set up, and a connection of the test to it.
type fleet struct {
	t      *testing.T
	server *server.Server
	dir    string
	port   int
	url    string
	nc     *nats.Conn
	js     jetstream.JetStream
	log    *stream.Log

	changed chan struct{} // a hint that something runs or ended in a simulated cluster
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: t.TempDir(), port: server.RANDOM_PORT, changed: make(chan struct{}, 1)}
	f.startBroker()
	t.Cleanup(f.stopBroker)
	f.url = "nats://" + f.server.Addr().String()
	var err error
	if f.nc, err = stream.Connect(t.Context(), stream.ConnConfig{URL: f.url, Name: t.Name()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.nc.Close)
	if f.js, err = jetstream.New(f.nc); err != nil {
		t.Fatal(err)
	}
	f.setup()
	if f.log, err = stream.Open(t.Context(), f.nc, stream.Options{}); err != nil {
		t.Fatal(err)
	}
	return f
}

// startBroker runs a server over the fleet's folder, on the same port as before.
func (f *fleet) startBroker() {
	f.t.Helper()
	s, err := harness.Serve(harness.Synced(f.dir, f.port))
	if err != nil {
		f.t.Fatal(err)
	}
	f.server, f.port = s, s.Addr().(*net.TCPAddr).Port
}

func (f *fleet) stopBroker() { harness.End(f.server) }

// setup makes every stream that does not exist.
func (f *fleet) setup() {
	f.t.Helper()
	if _, err := stream.Setup(f.t.Context(), f.js, stream.Options{}); err != nil {
		f.t.Fatal(err)
	}
}

// soon bounds what must happen in a test.
func (f *fleet) soon() context.Context {
	ctx, cancel := context.WithTimeout(f.t.Context(), 60*time.Second)
	f.t.Cleanup(cancel)
	return ctx
}

// term is an instance of placement in this process.
type term struct {
	stop context.CancelFunc
	done chan error
}

// lead starts an instance and returns once it leads; the test ends it if it has not
// ended by then.
func (f *fleet) lead(change ...func(*service.Config)) *term {
	f.t.Helper()
	term := f.start(change...)
	select {
	case <-term.ready:
	case err := <-term.done:
		f.t.Fatalf("placement ended: %v", err)
	case <-f.soon().Done():
		f.t.Fatal("placement does not lead")
	}
	return &term.term
}

type starting struct {
	term
	ready chan struct{}
}

func (f *fleet) start(change ...func(*service.Config)) *starting {
	ctx, stop := context.WithCancel(context.Background())
	s := &starting{term{stop, make(chan error, 1)}, make(chan struct{})}
	cfg := service.Config{Connect: stream.ConnConfig{URL: f.url}}
	once := sync.OnceFunc(func() { close(s.ready) })
	cfg.Ready = func(ready bool, _ string) {
		if ready {
			once()
		}
	}
	for _, c := range change {
		c(&cfg)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.done <- service.Run(ctx, cfg)
	}()
	f.t.Cleanup(func() { stop(); <-ended })
	return s
}

// end stops an instance in good order.
func (f *fleet) end(t *term) {
	f.t.Helper()
	t.stop()
	if err := f.outcome(t); err != nil {
		f.t.Fatalf("placement ended with %v", err)
	}
}

// outcome waits for an instance to end.
func (f *fleet) outcome(t *term) error {
	f.t.Helper()
	select {
	case err := <-t.done:
		return err
	case <-f.soon().Done():
		f.t.Fatal("placement does not end")
		return nil
	}
}

// submit publishes workloads of one replica each, named base-0 and so on. It may run
// beside the test, so a failure is told and does not end the goroutine.
func (f *fleet) submit(base string, n int) {
	f.t.Helper()
	var pending []*stream.Pending
	for i := range n {
		p, err := f.log.PublishAsync(f.soon(), submission("shop", fmt.Sprintf("%s-%d", base, i)))
		if err != nil {
			f.t.Error(err)
			return
		}
		pending = append(pending, p)
	}
	for _, p := range pending {
		if _, _, err := p.Wait(f.soon()); err != nil {
			f.t.Error(err)
			return
		}
	}
}

func submission(tenant event.Tenant, name string) event.Event {
	e := event.New(event.SubmitterSource(tenant, "test"), &event.WorkloadSubmitted{
		Tenant: tenant, Name: event.WorkloadName(name), Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: "registry.example/web:1", Resources: event.Resources{CPUMilli: 100, MemoryBytes: 64 << 20}},
	})
	e.ID = "submit-" + name
	e.Trace.Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	return e
}

// agent is a cluster with room for a hundred thousand small replicas, which settles
// every command as applied at once.
type agent struct {
	fleet       *fleet
	cluster     event.ClusterID
	incarnation uint64
	report      uint64
	applied     uint64
	replicas    map[string]int
	wrong       time.Duration // of its clock
}

// join makes a cluster, says hello and follows its commands until the test ends.
func (f *fleet) join(c event.ClusterID) *agent { return f.joinAt(c, 0) }

// joinAt is join for an agent whose clock is wrong.
func (f *fleet) joinAt(c event.ClusterID, wrong time.Duration) *agent {
	f.t.Helper()
	a := &agent{fleet: f, cluster: c, replicas: map[string]int{}, wrong: wrong}
	if err := f.log.Join(f.t.Context(), c); err != nil {
		f.t.Fatal(err)
	}
	commands, err := f.log.Commands(f.t.Context(), c)
	if err != nil {
		f.t.Fatal(err)
	}
	a.incarnation = a.publish("hello", &event.AgentStarted{Cluster: c, Instance: "scripted", Orchestrator: "scripted"})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.follow(ctx, commands)
	}()
	f.t.Cleanup(func() { cancel(); <-ended; commands.Close() })
	return a
}

func (a *agent) publish(id string, p event.Payload) uint64 {
	e := event.New(event.AgentSource(a.cluster), p)
	e.ID, e.Time = fmt.Sprintf("%s/%s", a.cluster, id), time.Now().Add(a.wrong).UTC()
	seq, err := a.fleet.log.Publish(a.fleet.t.Context(), e)
	if err != nil && a.fleet.t.Context().Err() == nil {
		a.fleet.t.Errorf("%s: %v", a.cluster, err)
	}
	return seq
}

// follow obeys commands and reports after every batch of them, and every second.
func (a *agent) follow(ctx context.Context, commands *stream.Commands) {
	for ctx.Err() == nil {
		turn, cancel := context.WithTimeout(ctx, time.Second)
		batch, err := commands.Next(turn)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return // the channel is gone, with the stream or with the test
		}
		for _, c := range batch {
			e, err := c.Event()
			if err != nil {
				a.fleet.t.Errorf("command: %v", err)
				return
			}
			a.obey(e.Data)
			_ = c.Ack(ctx) // one that is not acknowledged comes again, and is a duplicate
		}
		if a.applied > 0 || a.report > 0 {
			a.tell()
		}
	}
}

func (a *agent) obey(p event.Payload) {
	switch d := p.(type) {
	case *event.CommandSynchronise:
		if d.Incarnation == a.incarnation {
			a.applied, a.replicas = d.First-1, map[string]int{}
			a.tell()
		}
	case *event.CommandPlace:
		if d.Incarnation == a.incarnation && d.Number == a.applied+1 {
			a.applied, a.replicas[string(d.Workload)] = d.Number, d.Replicas
		}
	case *event.CommandWithdraw:
		if d.Incarnation == a.incarnation && d.Number == a.applied+1 {
			a.applied = d.Number
			delete(a.replicas, string(d.Workload))
		}
	}
}

// tell reports what is free, every command settled so far inside.
func (a *agent) tell() {
	used := int64(0)
	for _, n := range a.replicas {
		used += int64(n)
	}
	a.report++
	const cpu, memory = 100_000_000, 1 << 46
	a.publish(fmt.Sprintf("%d/capacity/%d", a.incarnation, a.report), &event.ClusterCapacityReported{
		Cluster: a.cluster, Incarnation: a.incarnation, Report: a.report, AppliedThrough: a.applied,
		Orchestrator: "scripted", Kinds: []event.Kind{event.KindService},
		Shapes: []event.NodeShape{{
			Name: "big", Nodes: 1, CPUMilli: cpu, MemoryBytes: memory,
			Free: []event.FreeNodes{{Nodes: 1, CPUMilli: cpu - 100*used, MemoryBytes: memory - used*64<<20}},
		}},
	})
}

// records reads PLACEMENTS until want is content with what it has seen.
func (f *fleet) records(from uint64, want func(event.Event) bool) []event.Event {
	f.t.Helper()
	r, err := f.log.Read(f.soon(), event.Placements, from)
	if err != nil {
		f.t.Fatal(err)
	}
	defer r.Close()
	var all []event.Event
	for {
		batch, err := r.Next(f.soon())
		if err != nil {
			f.t.Fatalf("after %d records: %v", len(all), err)
		}
		for _, m := range batch {
			e, err := m.Event()
			if err != nil {
				f.t.Fatalf("record %d: %v", m.At.Sequence, err)
			}
			all = append(all, e)
			if want(e) {
				return all
			}
		}
	}
}

// placed counts placements until there are n, each of another workload.
func (f *fleet) placed(n int) []event.Event {
	seen := map[event.WorkloadName]bool{}
	return f.records(1, func(e event.Event) bool {
		if d, ok := e.Data.(*event.PlacementDecided); ok && d.Verdict == event.VerdictPlaced {
			seen[d.Workload] = true
		}
		return len(seen) == n
	})
}
