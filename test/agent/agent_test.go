package agent

import (
	"errors"
	"testing"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	agentsim "fairlead.dev/services/agent-sim"
)

// newCluster has two nodes of four cores.
func newCluster(t *testing.T) *agentsim.Cluster {
	ms := agentsim.Duration(time.Millisecond)
	c := agentsim.New(agentsim.Spec{
		Name: cluster, Region: "eu",
		Nodes:     []agentsim.Nodes{{Count: 2, Shape: "small", CPU: 4000, Memory: 8 << 30}},
		Behaviour: agentsim.Behaviour{ApplyDelay: ms, BindDelay: 20 * ms, StartDelay: 5 * ms, ReadyDelay: 5 * ms},
	})
	t.Cleanup(func() {
		for _, line := range c.Audit() {
			t.Error(line)
		}
	})
	return c
}

// One way through: hello, synchronisation, place, status, scale, withdraw, rejection.
func TestCommandsAreCarriedOutAndReported(t *testing.T) {
	b := newBroker(t)
	l, c := newLeader(b), newCluster(t)
	p := b.run(c)
	if hello := l.hello(); hello.Reason != "start" || hello.Orchestrator != "simulated" {
		t.Errorf("hello %+v, want reason start and orchestrator simulated", hello)
	}
	l.answer()
	l.capacity(8000)
	l.tell(place("web", 3), place("db", 2))
	l.capacity(8000 - 5*500) // subtracted before they are bound
	l.ready("db", 2)
	l.tell(place("web", 5))
	l.ready("web", 5)
	l.tell(withdraw("db"))
	l.status("db", "gone", func(s *event.WorkloadStatusReported) bool { return s.Wanted == 0 && s.Ready == 0 })
	l.capacity(8000 - 5*500)
	l.tell(place("big", 100))
	_, r := next(l.statuses, "a rejection", func(*event.CommandRejected) bool { return true })
	if r.Number != l.number || r.Reason != event.RejectReasonCapacity || r.Report == 0 {
		t.Errorf("rejected %+v, want command %d for capacity, after a report", r, l.number)
	}
	p.stop(t)
}

// What the cluster holds outlives the agent; what is no longer wanted goes after the
// synchronisation, and only then.
func TestAgentKilledAndStartedAgain(t *testing.T) {
	b := newBroker(t)
	l, c := newLeader(b), newCluster(t)
	p := b.run(c)
	l.hello()
	l.answer(place("web", 3), place("old", 1))
	l.capacity(8000 - 4*500)
	p.stop(t)
	p = b.run(c)
	l.hello()
	if n := len(c.Stored()); n != 2 {
		t.Fatalf("%d objects before the synchronisation, want 2", n)
	}
	before := c.Stored()[1].Revision
	l.answer(place("web", 3), place("new", 2))
	l.ready("new", 2)
	l.capacity(8000 - 5*500)
	l.status("old", "gone", func(s *event.WorkloadStatusReported) bool { return s.Wanted == 0 && s.Ready == 0 })
	stored := c.Stored()
	if len(stored) != 2 || stored[1].Workload.Name != "web" || stored[1].Token != 3 || stored[1].Revision == before {
		t.Errorf("stored %+v, want new and web, the latter with token 3", stored)
	}
	p.stop(t)
}

func TestGapAsksForEverythingAgain(t *testing.T) {
	b := newBroker(t)
	l, c := newLeader(b), newCluster(t)
	p := b.run(c)
	l.hello()
	l.answer()
	l.capacity(8000)
	l.number++ // lost
	l.tell(place("web", 1))
	if hello := l.hello(); hello.Reason != "gap" {
		t.Errorf("hello for %q, want gap", hello.Reason)
	}
	l.answer(place("web", 2))
	l.ready("web", 2)
	l.capacity(8000 - 2*500)
	p.stop(t)
}

func TestNewerAgentReplacesTheOlder(t *testing.T) {
	b := newBroker(t)
	l, c := newLeader(b), newCluster(t)
	older := b.run(c)
	l.hello()
	l.answer(place("web", 1))
	l.capacity(8000 - 500)
	b.run(c)
	older.replaced(t, l)
}

// replaced answers hellos and goes on commanding, as placement would, until this agent
// has stopped for the newer one, and the newer one has carried out everything.
func (p *process) replaced(t *testing.T, l *leader) {
	t.Helper()
	hellos, reports := l.hellos.stream(), l.capacities.stream()
	tick, late, stopped := time.NewTicker(20*time.Millisecond), time.After(patience), false
	defer tick.Stop()
	for replicas := 1; ; replicas = 3 - replicas {
		select {
		case e := <-hellos:
			l.incarnation = e.At.Sequence
			l.answer(place("web", replicas))
		case e := <-reports:
			r := e.Data.(*event.ClusterCapacityReported)
			if stopped && r.Incarnation == l.incarnation && r.AppliedThrough == l.number {
				return
			}
		case err := <-p.done:
			if r := new(agent.ReplacedError); !errors.As(err, &r) || r.Cluster != cluster || r.Newer <= r.Own {
				t.Fatalf("the older agent ended with %v, want a ReplacedError", err)
			}
			stopped = true
		case <-tick.C:
			if l.incarnation > 1 && !stopped {
				l.tell(place("web", replicas))
			}
		case <-late:
			t.Fatalf("older agent stopped: %v; the newer one did not carry out command %d", stopped, l.number)
		}
	}
}

// A broker that goes away for a while loses no report, and no command afterwards.
func TestOfflineAndBack(t *testing.T) {
	b := newBroker(t)
	l, c := newLeader(b), newCluster(t)
	p := b.run(c)
	l.hello()
	l.answer(place("web", 2))
	l.ready("web", 2)
	l.capacity(8000 - 2*500)
	b.stop()
	if err := c.AddNodes("small", 1); err != nil {
		t.Fatal(err)
	}
	b.start()
	l.capacity(12000 - 2*500)
	l.tell(place("web", 4))
	l.ready("web", 4)
	p.stop(t)
}

func TestLeavesWhenAskedTo(t *testing.T) {
	b := newBroker(t)
	l, c := newLeader(b), newCluster(t)
	p := b.run(c, func(cfg *agentsim.Config) { cfg.LeaveOnStop = true })
	l.hello()
	l.answer()
	l.capacity(8000)
	p.stop(t)
	_, left := next(l.hellos, "a departure", func(*event.ClusterLeft) bool { return true })
	if left.Incarnation != l.incarnation {
		t.Errorf("left as incarnation %d, want %d", left.Incarnation, l.incarnation)
	}
}

func TestClusterThatNeverJoinedIsToldHow(t *testing.T) {
	b := newBroker(t)
	p := b.run(newCluster(t), func(cfg *agentsim.Config) { cfg.Join = false })
	if err := p.wait(t); !errors.As(err, new(*stream.NotJoined)) {
		t.Errorf("the agent ended with %v, want NotJoined", err)
	}
}
