package dcos

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/agenttest"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/test/dcos/double"
)

// TestContract runs the contract where tasks start and end at once, and where they take their time.
func TestContract(t *testing.T) {
	for name, pace := range map[string]time.Duration{"at once": 0, "in time": 30 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			agenttest.Run(t, agenttest.Suite{
				New: func(t *testing.T) agenttest.Cluster {
					return &hooks{newScene(t, double.Config{Role: "slave_fairlead", LaunchFor: pace, KillFor: pace}), map[event.WorkloadID]string{}}
				},
				Sample: func(w event.WorkloadID, n int) agent.Desired {
					d := service(w, 1, 1)
					d.Template.Image = fmt.Sprintf("registry.example/app:%d", n)
					return d
				},
				Runs: true,
			})
		})
	}
}

// hooks is the cluster as the suite provokes it, by an operator's hand.
type hooks struct {
	*scene
	foreign map[event.WorkloadID]string // version
}

var scheme = manifest.Scheme{Cluster: "eu-1", Root: "/fairlead"}

func (h *hooks) Orchestrator(t testing.TB) agent.Orchestrator { return h.open(t, nil) }

func (h *hooks) Stored(t testing.TB) []agenttest.Stored {
	t.Helper()
	var stored []agenttest.Stored
	apps := h.Apps()
	for id, app := range apps {
		labels, _ := app["labels"].(map[string]any)
		w := event.WorkloadID{}
		if name, ok := labels[manifest.LabelWorkload].(string); ok {
			tenant, _ := labels[manifest.LabelTenant].(string)
			w = event.WorkloadID{Tenant: event.Tenant(tenant), Name: event.WorkloadName(name)}
		}
		if w.Name == "" || id != scheme.Main(w) {
			continue
		}
		fence := apps[scheme.Fence(w)]
		kept, _ := fence["labels"].(map[string]any)
		text, _ := kept[manifest.LabelToken].(string)
		token, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("fence of %s: %v", w, err)
		}
		stored = append(stored, agenttest.Stored{
			Workload: w, Token: token, Replicas: int(app["instances"].(float64)),
			Revision: fmt.Sprint(app["version"], fence["version"]),
		})
	}
	return stored
}

func (h *hooks) Scale(t testing.TB, w event.WorkloadID, replicas int) {
	t.Helper()
	h.Write("PUT", "/v2/apps"+scheme.Main(w)+"?force=true", map[string]any{"instances": replicas})
}

func (h *hooks) Delete(t testing.TB, w event.WorkloadID) {
	t.Helper()
	h.Write("DELETE", "/v2/apps"+scheme.Main(w)+"?force=true", nil)
}

func (h *hooks) MakeForeign(t testing.TB, w event.WorkloadID) {
	t.Helper()
	h.Write("POST", "/v2/apps", map[string]any{"id": scheme.Main(w), "cmd": "sleep 1000", "instances": 1})
	h.foreign[w], _ = h.Apps()[scheme.Main(w)]["version"].(string)
}

func (h *hooks) Foreign(t testing.TB, w event.WorkloadID) bool {
	t.Helper()
	app := h.Apps()[scheme.Main(w)]
	return app != nil && app["version"] == h.foreign[w] && app["cmd"] == "sleep 1000"
}

func (h *hooks) Sever(testing.TB) { h.Cut() }

func (h *hooks) Exhaust(testing.TB) {
	h.SetQuota("slave_fairlead", map[string]float64{"cpus": 0})
}
