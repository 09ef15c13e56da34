package agentsim_test

import (
	"fmt"
	"testing"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/agenttest"
	"fairlead.dev/pkg/event"
	agentsim "fairlead.dev/services/agent-sim"
)

// The adapter contract, on clusters that differ in how they answer.
func TestContract(t *testing.T) {
	ms := agentsim.Duration(time.Millisecond)
	for name, change := range map[string]func(*agentsim.Spec){
		"at once":    func(*agentsim.Spec) {},
		"own choice": func(s *agentsim.Spec) { s.Placement = agentsim.Own },
		"slow": func(s *agentsim.Spec) {
			s.Behaviour = agentsim.Behaviour{ApplyDelay: ms, BindDelay: 5 * ms, StartDelay: 5 * ms, ReadyDelay: 5 * ms, StopDelay: 20 * ms}
		},
		"unwell": func(s *agentsim.Spec) {
			s.Seed = 7
			s.Behaviour = agentsim.Behaviour{ErrorRate: 0.2, LostRate: 0.2}
		},
	} {
		t.Run(name, func(t *testing.T) {
			agenttest.Run(t, agenttest.Suite{
				New:    func(t *testing.T) agenttest.Cluster { return newHooks(t, change) },
				Sample: sample,
				Runs:   true,
			})
		})
	}
}

func sample(w event.WorkloadID, n int) agent.Desired {
	return agent.Desired{
		Workload: w,
		Kind:     event.KindService,
		Template: event.Template{Image: fmt.Sprintf("app:%d", n), Resources: event.Resources{CPUMilli: 500, MemoryBytes: 1 << 28}},
	}
}

// hooks is a simulated cluster as the suite provokes it.
type hooks struct{ *agentsim.Cluster }

func newHooks(t *testing.T, change func(*agentsim.Spec)) hooks {
	s := agentsim.Spec{Name: "test", Nodes: []agentsim.Nodes{
		{Count: 3, Shape: "small", CPU: 4000, Memory: 8 << 30},
		{Count: 2, Shape: "gpu", CPU: 8000, Memory: 32 << 30, GPUs: 2},
	}}
	change(&s)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	h := hooks{agentsim.New(s)}
	t.Cleanup(func() {
		for _, line := range h.Audit() {
			t.Error(line)
		}
	})
	return h
}

func (h hooks) Orchestrator(testing.TB) agent.Orchestrator { return h.Cluster }

func (h hooks) Stored(testing.TB) []agenttest.Stored {
	var out []agenttest.Stored
	for _, s := range h.Cluster.Stored() {
		out = append(out, agenttest.Stored{Workload: s.Workload, Token: s.Token, Replicas: s.Wanted, Revision: fmt.Sprint(s.Revision)})
	}
	return out
}

func (h hooks) Scale(t testing.TB, w event.WorkloadID, replicas int) {
	if err := h.ScaleByHand(w, replicas); err != nil {
		t.Fatal(err)
	}
}

func (h hooks) Delete(_ testing.TB, w event.WorkloadID)       { h.DeleteByHand(w) }
func (h hooks) MakeForeign(_ testing.TB, w event.WorkloadID)  { h.Occupy(w) }
func (h hooks) Foreign(_ testing.TB, w event.WorkloadID) bool { return h.Occupied(w) }
func (h hooks) Sever(testing.TB)                              { h.Cluster.Sever() }
func (h hooks) Exhaust(testing.TB)                            { h.Cluster.Exhaust() }
