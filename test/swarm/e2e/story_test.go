package e2e

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/test/swarm/engine"
)

func TestMain(m *testing.M) {
	engine.Main()
	os.Exit(m.Run())
}

const (
	real      event.ClusterID = "eu-swarm"
	simulated event.ClusterID = "sim"
)

// TestStory: placed on the swarm and running there; kept away from it by what it lacks; run on by itself
// while the agent is away; drained to the other cluster and taken back; withdrawn without a trace.
func TestStory(t *testing.T) {
	f := newFederation(t)
	v := f.clusterIs(real, scheduler.ClusterReady)
	if v.Orchestrator != "swarm" || v.Region != "eu" {
		t.Errorf("the swarm is %+v", v)
	}

	web := f.submit("web", 3, func(w *event.WorkloadSubmitted) { w.Policy.Regions = []string{"eu"} })
	f.ready(web, 3, real)
	if n := f.tasks("fl-shop_web"); n != 3 {
		t.Errorf("%d tasks run in the swarm, want 3", n)
	}

	secret := f.submit("secret", 1, func(w *event.WorkloadSubmitted) {
		w.Template.References = []event.Reference{{Name: "db", Key: "password", Env: "PASSWORD", Secret: true}}
	})
	f.ready(secret, 1, simulated)
	f.explained(secret, real, "asks for reference, which swarm cannot do")

	f.stopAgent()
	f.submit("web", 4, func(w *event.WorkloadSubmitted) { w.Policy.Regions = []string{"eu"} })
	if n := f.tasks("fl-shop_web"); n != 3 {
		t.Errorf("%d tasks run while the agent is away, want 3", n)
	}
	f.startAgent()
	f.ready(web, 4, real)

	anywhere := f.submit("anywhere", 2, func(w *event.WorkloadSubmitted) { w.Policy.Orchestrators = []string{"swarm", "simulated"} })
	f.order(&event.ClusterDrained{Cluster: real})
	f.ready(anywhere, 2, simulated)
	f.order(&event.ClusterUncordoned{Cluster: real})

	for _, w := range []event.WorkloadID{web, anywhere, secret} {
		f.publish(&event.WorkloadWithdrawn{Tenant: w.Tenant, Name: w.Name})
	}
	f.eventually("an empty swarm", func() error {
		if left := f.services(); len(left) > 0 {
			return fmt.Errorf("services %s", strings.Join(left, ", "))
		}
		return nil
	})
	f.eventually("free room as at the beginning", func() error {
		if now := f.clusterIs(real, scheduler.ClusterReady); !reflect.DeepEqual(now.Free, v.Free) {
			return errors.New(fmt.Sprint("free ", now.Free, ", was ", v.Free))
		}
		return nil
	})
}
