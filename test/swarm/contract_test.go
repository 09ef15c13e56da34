package swarm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/agenttest"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
	"fairlead.dev/test/swarm/engine"
)

// TestContract runs the contract of every adapter on three nodes.
func TestContract(t *testing.T) {
	e := engine.Start(t, 3)
	agenttest.Run(t, agenttest.Suite{
		New: func(t *testing.T) agenttest.Cluster { return hooks{newScene(t, e)} },
		Sample: func(w event.WorkloadID, n int) agent.Desired {
			return agent.Desired{Workload: w, Kind: event.KindService, Template: event.Template{
				Image: e.Image, Env: map[string]string{"SAMPLE": fmt.Sprint(n)},
				Resources: event.Resources{CPUMilli: 100, MemoryBytes: 32 << 20},
			}}
		},
		Runs: true,
	})
}

// hooks is the swarm as the suite provokes it, by an administrator's hand.
type hooks struct{ *scene }

func (h hooks) Orchestrator(testing.TB) agent.Orchestrator { return h.agent() }

func (h hooks) Stored(t testing.TB) []agenttest.Stored {
	t.Helper()
	list, err := h.api.ServiceList(t.Context(), client.ServiceListOptions{})
	h.must(err)
	var stored []agenttest.Stored
	for _, s := range list.Items {
		w, ours := h.scheme.Owner(s.Spec.Labels)
		if !ours || manifest.Leaving(s.Spec.Labels) {
			continue
		}
		stored = append(stored, agenttest.Stored{
			Workload: w,
			Token:    manifest.Token(s.Spec.Labels),
			Replicas: manifest.Replicas(s.Spec.Mode),
			Revision: s.ID + " " + s.Version.String(),
		})
	}
	return stored
}

func (h hooks) Scale(t testing.TB, w event.WorkloadID, replicas int) {
	t.Helper()
	h.edit(w, func(spec *swarm.ServiceSpec) { *spec.Mode.Replicated.Replicas = uint64(replicas) })
}

func (h hooks) Delete(t testing.TB, w event.WorkloadID) {
	t.Helper()
	_, err := h.api.ServiceRemove(t.Context(), h.scheme.Service(w), client.ServiceRemoveOptions{})
	h.must(err)
}

func (h hooks) MakeForeign(t testing.TB, w event.WorkloadID) {
	t.Helper()
	_, err := h.api.ServiceCreate(t.Context(), client.ServiceCreateOptions{Spec: swarm.ServiceSpec{
		Annotations:  swarm.Annotations{Name: h.scheme.Service(w), Labels: map[string]string{"app": "someone-elses"}},
		TaskTemplate: swarm.TaskSpec{ContainerSpec: &swarm.ContainerSpec{Image: h.engine.Image}},
		Mode:         swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: new(uint64)}},
	}})
	h.must(err)
}

func (h hooks) Foreign(t testing.TB, w event.WorkloadID) bool {
	t.Helper()
	s := h.service(w)
	return s != nil && s.PreviousSpec == nil && s.Spec.Labels["app"] == "someone-elses" && len(s.Spec.Labels) == 1
}

func (h hooks) Sever(testing.TB) { h.wire.cut() }

// Exhaust limits the federation as whoever runs the swarm does.
func (h hooks) Exhaust(t testing.TB) {
	t.Helper()
	_, err := h.api.ConfigCreate(t.Context(), client.ConfigCreateOptions{Spec: swarm.ConfigSpec{
		Annotations: swarm.Annotations{Name: h.scheme.Quota(), Labels: map[string]string{
			manifest.LabelCluster:   string(h.scheme.Cluster), // for the scene's end
			"fairlead.dev/services": "0",
		}},
		Data: []byte(strings.Repeat("-", 3)),
	}})
	h.must(err)
}
