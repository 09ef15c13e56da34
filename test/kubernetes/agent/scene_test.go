package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/cluster"
	"fairlead.dev/test/kubernetes/controlplane"
)

// patience is how long a scene waits for what should come soon.
const patience = 60 * time.Second

// scene is one federation's share of a real cluster: names and namespaces of its own, and an
// administrator's client to look past the agent.
type scene struct {
	t     testing.TB
	plane *controlplane.Cluster
	admin kubernetes.Interface
	name  event.ClusterID
	user  string                // whom the agents speak as
	runs  bool                  // controllers, scheduler and kubelets are there
	tweak func(*cluster.Config) // of the agents
	wires []*wire               // of the agents
	stops []context.CancelFunc  // of the agents
	waits []func()
}

var scenes atomic.Int64

func newScene(t testing.TB, plane *controlplane.Cluster, runs bool) *scene {
	t.Helper()
	s := &scene{t: t, plane: plane, name: event.ClusterID(fmt.Sprintf("s%d", scenes.Add(1))), user: controlplane.Admin, runs: runs}
	s.admin = kubernetes.NewForConfigOrDie(s.rest(controlplane.Admin))
	t.Cleanup(s.close)
	return s
}

// close ends the agents and, where controllers do such things, waits until all pods are gone: the
// next scene counts free room.
func (s *scene) close() {
	for _, stop := range s.stops {
		stop()
	}
	for _, wait := range s.waits {
		wait()
	}
	if !s.runs {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	spaces, err := s.admin.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: "fairlead.dev/cluster=" + string(s.name)})
	if err != nil {
		s.t.Error(err)
		return
	}
	for _, space := range spaces.Items {
		if err := s.admin.CoreV1().Namespaces().Delete(ctx, space.Name, metav1.DeleteOptions{}); err != nil {
			s.t.Error(err)
		}
	}
	s.within(ctx, "the scene's pods to end", func() error {
		for _, space := range spaces.Items {
			pods, err := s.admin.CoreV1().Pods(space.Name).List(ctx, metav1.ListOptions{})
			if err != nil || len(pods.Items) > 0 {
				return errors.Join(err, fmt.Errorf("%d pods in %s", len(pods.Items), space.Name))
			}
		}
		return nil
	})
}

func (s *scene) prefix() string { return string(s.name) + "-" }

func (s *scene) namespace(t event.Tenant) string { return s.prefix() + string(t) }

func (s *scene) rest(user string) *rest.Config {
	s.t.Helper()
	path, err := s.plane.Kubeconfig(user)
	if err != nil {
		s.t.Fatal(err)
	}
	rc, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		s.t.Fatal(err)
	}
	rc.QPS, rc.Burst = 500, 1000
	return rc
}

// agent opens a fresh adapter on the cluster.
func (s *scene) agent() *cluster.Cluster { return s.agentWith(nil) }

// agentWith lets a test change the way to the API server.
func (s *scene) agentWith(change func(*rest.Config)) *cluster.Cluster {
	s.t.Helper()
	w := &wire{open: map[net.Conn]bool{}}
	s.wires = append(s.wires, w)
	rc := s.rest(s.user)
	rc.Dial = w.dial
	if change != nil {
		change(rc)
	}
	cfg := cluster.Config{REST: rc, Cluster: s.name, NamespacePrefix: s.prefix(), Log: slog.New(slog.DiscardHandler)}
	if s.tweak != nil {
		s.tweak(&cfg)
	}
	ctx, stop := context.WithCancel(context.Background())
	k, err := cluster.Open(ctx, cfg)
	if err != nil {
		stop()
		s.t.Fatal(err)
	}
	s.stops, s.waits = append(s.stops, stop), append(s.waits, k.Wait)
	return k
}

// wire is an agent's connections, to be cut.
type wire struct {
	net.Dialer
	mu   sync.Mutex
	open map[net.Conn]bool
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := w.DialContext(ctx, network, address)
	if err == nil {
		w.mu.Lock()
		w.open[conn] = true
		w.mu.Unlock()
	}
	return conn, err
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.open {
		_ = conn.Close() // closed by the client already, perhaps
	}
	clear(w.open)
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
	again := time.NewTicker(20 * time.Millisecond)
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

// view observes until the view is complete.
func (s *scene) view(k *cluster.Cluster) agent.View {
	s.t.Helper()
	var v agent.View
	s.eventually("a complete view", func() (err error) {
		if v, err = k.Observe(s.t.Context()); err == nil && !v.Complete {
			err = errors.New("the view is not complete")
		}
		return err
	})
	return v
}

// object waits until the view shows the workload as check wants it.
func (s *scene) object(k *cluster.Cluster, w event.WorkloadID, what string, check func(agent.Object) bool) agent.Object {
	s.t.Helper()
	var found agent.Object
	s.eventually(w.String()+" "+what, func() error {
		for _, o := range s.view(k).Objects {
			if found = o; o.Workload == w && check(o) {
				return nil
			}
		}
		return fmt.Errorf("observed %+v", found)
	})
	return found
}

// apply tries again what the contract allows to fail for a while.
func (s *scene) apply(k *cluster.Cluster, d agent.Desired) error {
	s.t.Helper()
	return s.insist(func() error { return k.Apply(s.t.Context(), d) })
}

func (s *scene) withdraw(k *cluster.Cluster, w event.WorkloadID, token uint64) error {
	s.t.Helper()
	return s.insist(func() error { return k.Withdraw(s.t.Context(), agent.Withdrawal{Workload: w, Token: token}) })
}

func (s *scene) insist(do func() error) (last error) {
	s.t.Helper()
	s.eventually("a final answer", func() error {
		if last = do(); last == nil || errors.Is(last, agent.ErrStale) || errors.As(last, new(*agent.Rejection)) {
			return nil
		}
		return last
	})
	return last
}

// rejected fails the test unless err is a rejection for the reason.
func (s *scene) rejected(err error, reason event.RejectReason) string {
	s.t.Helper()
	var r *agent.Rejection
	if !errors.As(err, &r) || r.Reason != reason {
		s.t.Fatalf("got %v, want a rejection for %s", err, reason)
	}
	return r.Message
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// service is a small workload that every cluster here has room for.
func service(w event.WorkloadID, token uint64, replicas int) agent.Desired {
	return sealed(agent.Desired{
		Workload: w, Token: token, Generation: 100 + token, Replicas: replicas, Kind: event.KindService,
		Template: event.Template{Image: "registry.example/app:1", Resources: event.Resources{CPUMilli: 500, MemoryBytes: 256 << 20}},
	})
}

func sealed(d agent.Desired) agent.Desired {
	d.Hash = agent.Hash(d)
	return d
}
