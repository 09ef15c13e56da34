package e2e

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
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
	agentkubernetes "fairlead.dev/services/agent-kubernetes"
	"fairlead.dev/services/agent-kubernetes/cluster"
	"fairlead.dev/services/placement"
	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

// patience is how long the story waits for what should come soon.
const patience = 90 * time.Second

// federation is the broker, the placement service and the clusters.
type federation struct {
	t       *testing.T // of the present chapter
	whole   *testing.T // of the whole story: what a chapter starts outlives it
	server  *server.Server
	nc      *nats.Conn
	log     *stream.Log
	ask     *query.Client
	members map[event.ClusterID]*member
}

// member is one cluster of the federation and its agent.
type member struct {
	plane *controlplane.Cluster
	rest  *rest.Config
	admin kubernetes.Interface
	stop  func()
}

var names = []event.ClusterID{"eu-1", "eu-2", "us-1"}

func newFederation(t *testing.T) *federation {
	t.Helper()
	var planes []controlplane.Config
	for _, name := range names {
		planes = append(planes, controlplane.Config{Name: string(name), Full: true, Nodes: nodesOf(name)})
	}
	began := time.Now()
	clusters := controlplanetest.StartAll(t, planes...)
	t.Logf("three control planes were ready after %s", time.Since(began).Round(100*time.Millisecond))
	f := &federation{t: t, whole: t, members: map[event.ClusterID]*member{}}
	f.broker()
	f.placement()
	for i, name := range names {
		f.join(name, clusters[i])
	}
	return f
}

// nodesOf is four nodes of 4 CPUs in the cluster's region, and in us-1 two larger ones with GPUs.
func nodesOf(name event.ClusterID) []controlplane.Node {
	region := string(name[:2])
	nodes := controlplane.Nodes("plain", 4, controlplane.Node{MilliCPU: 4000, MemoryBytes: 8 << 30, Labels: map[string]string{
		"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": string(name) + "-a",
	}})
	if name == "us-1" {
		nodes = append(nodes, controlplane.Nodes("gpu", 2, controlplane.Node{MilliCPU: 8000, MemoryBytes: 32 << 30, Labels: map[string]string{
			"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": string(name) + "-b",
		}, Extended: map[string]int64{"nvidia.com/gpu": 4}})...)
	}
	return nodes
}

func (f *federation) broker() {
	f.t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: f.t.TempDir(), NoLog: true, NoSigs: true,
	})
	f.must(err)
	f.server = s
	go s.Start()
	f.t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		f.t.Fatal("the NATS server is not ready")
	}
	f.nc, err = nats.Connect(s.ClientURL())
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

// placement runs the service with a shorter patience than usual, so that the story does not take
// minutes.
func (f *federation) placement() {
	core := scheduler.DefaultConfig()
	core.TickMillis, core.SuspectMillis = 500, 6000
	f.run("placement", func(ctx context.Context) error {
		return placement.Run(ctx, placement.Config{Connect: f.connect(), Scheduler: core, Log: quiet()})
	})
}

func (f *federation) connect() stream.ConnConfig {
	return stream.ConnConfig{URL: f.server.ClientURL(), Log: quiet()}
}

// run runs a service until the test ends or the stop it returns is called.
func (f *federation) run(name string, service func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			f.whole.Errorf("%s: %v", name, err)
		}
	})
	f.whole.Cleanup(stop)
	return stop
}

func (f *federation) join(name event.ClusterID, plane *controlplane.Cluster) {
	f.t.Helper()
	path, err := plane.Kubeconfig(controlplane.Admin)
	f.must(err)
	rc, err := clientcmd.BuildConfigFromFlags("", path)
	f.must(err)
	m := &member{plane: plane, rest: rc, admin: kubernetes.NewForConfigOrDie(rc)}
	f.members[name] = m
	f.must(f.log.Join(f.t.Context(), name))
	f.startAgent(name)
}

func (f *federation) startAgent(name event.ClusterID) {
	m := f.members[name]
	m.stop = f.run("agent of "+string(name), func(ctx context.Context) error {
		return agentkubernetes.Run(ctx, agentkubernetes.Config{
			Config: adapter.Config{
				Connect: f.connect(),
				Agent:   agent.Settings{Cluster: name, ReportEvery: 2 * time.Second},
				Log:     quiet(),
			},
			Kubernetes: cluster.Config{REST: m.rest},
		})
	})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// publish says something as a service would.
func (f *federation) publish(p event.Payload) {
	f.t.Helper()
	e := event.New("/tenants/"+p.ScopeName()+"/e2e", p)
	e.ID, e.Time = nats.NewInbox(), time.Now().UTC()
	_, err := f.log.Publish(f.t.Context(), e)
	f.must(err)
}

// workload waits until placement shows the workload as check wants it.
func (f *federation) workload(w event.WorkloadID, what string, check func(scheduler.WorkloadView) bool) scheduler.WorkloadView {
	f.t.Helper()
	var view scheduler.WorkloadView
	f.eventually(w.String()+" "+what, func() (err error) {
		if view, _, err = f.ask.Workload(f.t.Context(), w); err == nil && !check(view) {
			err = fmt.Errorf("%s: %s %s, %+v, refused %+v", w, view.Phase, view.Verdict, view.Assignments, view.Refusals)
		}
		return err
	})
	return view
}

// clusterIs waits until placement shows the cluster in a state.
func (f *federation) clusterIs(name event.ClusterID, state scheduler.ClusterState) scheduler.ClusterView {
	f.t.Helper()
	var found scheduler.ClusterView
	f.eventually(string(name)+" "+string(state), func() error {
		all, _, err := f.ask.Clusters(f.t.Context())
		for _, c := range all {
			if c.Cluster == name {
				found = c
			}
		}
		if err == nil && found.State != state {
			err = fmt.Errorf("%s is %q", name, found.State)
		}
		return err
	})
	return found
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
			f.tell()
			f.t.Fatalf("waited for %s: %v", what, err)
		}
	}
}

// tell logs what placement holds, for a test that is about to fail.
func (f *federation) tell() {
	f.t.Helper()
	clusters, _, err := f.ask.Clusters(f.t.Context())
	f.t.Log("clusters", err)
	for _, c := range clusters {
		f.t.Logf("%s %s incarnation %d report %d applied %d of %d free %+v replicas %d", c.Cluster, c.State, c.Incarnation, c.Report, c.AppliedThrough, c.LastCommand, c.Free, c.Replicas)
	}
	workloads, _, err := f.ask.Workloads(f.t.Context(), "")
	f.t.Log("workloads", err)
	for _, w := range workloads {
		f.t.Logf("%s/%s %s %s withdrawn %t %+v", w.Spec.Tenant, w.Spec.Name, w.Phase, w.Verdict, w.Withdrawn, w.Assignments)
		if w.Phase == scheduler.PhaseHeld {
			why, _, err := f.ask.Explain(f.t.Context(), w.Spec.ID())
			f.t.Logf("%+v %v", why, err)
		}
	}
}

func (f *federation) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}
