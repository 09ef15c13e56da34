package placement

import (
	"context"
	"fmt"
	"testing"
	"time"

	runtime "fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
	agentsim "fairlead.dev/services/agent-sim"
	service "fairlead.dev/services/placement"
)

// Three simulated clusters, one of them killed: its replicas run elsewhere after the
// second time-out, but for the one that may run only once. It returns with everything
// it ran still running: what has moved is withdrawn, and nothing runs twice.
func TestFailover(t *testing.T) {
	f := newFleet(t)
	leader := f.lead(func(c *service.Config) {
		c.Scheduler = scheduler.DefaultConfig()
		c.Scheduler.TickMillis, c.Scheduler.SuspectMillis, c.Scheduler.LostMillis = 100, 1500, 3000
	})
	sims := map[event.ClusterID]*sim{}
	for _, name := range []event.ClusterID{"a", "b", "c"} {
		sims[name] = f.simulate(name)
		sims[name].start()
	}
	f.synchronised(3)
	f.want("web", 6, event.Policy{})
	f.eventually(sims, "six replicas run", func(all map[string]int) bool { return all["web"] == 6 })
	home := event.ClusterID("a")
	for name, s := range sims {
		if s.runs("web") > 0 {
			home = name
		}
	}
	f.want("once", 1, event.Policy{AtMostOnce: true, Clusters: []event.Requirement{{Key: "fairlead.dev/cluster", Operator: event.OperatorIn, Values: []string{string(home)}}}})
	killed := sims[home]
	f.eventually(sims, "everything runs", func(all map[string]int) bool { return all["web"] == 6 && killed.runs("once") == 1 })
	moving := killed.runs("web")

	killed.kill()
	f.records(1, func(e event.Event) bool { d, ok := e.Data.(*event.ClusterLost); return ok && d.Cluster == home })
	f.eventually(sims, "the others run six replicas", func(all map[string]int) bool { return all["web"] == 6+moving && all["once"] == 1 })
	held := func(e event.Event) bool {
		d, ok := e.Data.(*event.PlacementDecided)
		return ok && d.Workload == "once" && d.Verdict == event.VerdictHeld && d.Cause == event.CauseLost
	}
	f.records(1, held)

	killed.start()
	f.eventually(sims, "nothing is doubled", func(all map[string]int) bool {
		return all["web"] == 6 && all["once"] == 1 && killed.runs("web") == 0 && killed.runs("once") == 1
	})
	f.end(leader)
	f.sameAsFolded()
}

// sim is a simulated cluster and its agent, which can be killed without the cluster.
type sim struct {
	f       *fleet
	cluster *agentsim.Cluster
	kill    func()
}

func (f *fleet) simulate(name event.ClusterID) *sim {
	s := &sim{f: f, cluster: agentsim.New(agentsim.Spec{
		Name: name, Nodes: []agentsim.Nodes{{Count: 2, Shape: "m", CPU: 8000, Memory: 16 << 30}},
	})}
	s.follow(s.cluster)
	return s
}

// follow hints at whatever runs or ends in a cluster.
func (s *sim) follow(c *agentsim.Cluster) {
	go func() {
		_ = c.Watch(s.f.t.Context(), func() {
			select {
			case s.f.changed <- struct{}{}:
			default: // one is waiting already
			}
		})
	}()
}

// start runs the cluster's agent until it is killed or the test ends.
func (s *sim) start() {
	s.f.t.Helper()
	nc, err := stream.Connect(s.f.t.Context(), stream.ConnConfig{URL: s.f.url, Name: string(s.cluster.Spec().Name)})
	if err != nil {
		s.f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- agentsim.Run(ctx, agentsim.Config{
			Clusters: []*agentsim.Cluster{s.cluster}, Conn: nc, Join: true,
			Agent: runtime.Settings{ObserveMin: 20 * time.Millisecond, ReportMin: 50 * time.Millisecond, ReportEvery: 300 * time.Millisecond},
		})
	}()
	once := false
	s.kill = func() {
		if once {
			return
		}
		once = true
		cancel()
		if err := <-ended; err != nil {
			s.f.t.Errorf("agent of %s: %v", s.cluster.Spec().Name, err)
		}
		nc.Close()
	}
	s.f.t.Cleanup(s.kill)
}

func (s *sim) runs(name event.WorkloadName) int {
	return s.cluster.Running()[event.WorkloadID{Tenant: "shop", Name: name}]
}

// want submits a service.
func (f *fleet) want(name string, replicas int, p event.Policy) {
	f.t.Helper()
	e := submission("shop", name)
	e.ID = fmt.Sprintf("submit-%s-%d", name, replicas)
	e.Data.(*event.WorkloadSubmitted).Replicas, e.Data.(*event.WorkloadSubmitted).Policy = replicas, p
	if _, err := f.log.Publish(f.soon(), e); err != nil {
		f.t.Fatal(err)
	}
}

// eventually waits for a sum over what all clusters run, by workload.
func (f *fleet) eventually(sims map[event.ClusterID]*sim, what string, want func(map[string]int) bool) {
	f.t.Helper()
	soon := f.soon()
	for {
		all := map[string]int{}
		for _, s := range sims {
			for id, n := range s.cluster.Running() {
				all[string(id.Name)] += n
			}
		}
		if want(all) {
			return
		}
		select {
		case <-f.changed:
		case <-soon.Done():
			f.t.Fatalf("%s: never; now %s", what, fmt.Sprint(all))
		}
	}
}
