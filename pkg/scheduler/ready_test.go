package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// A new version of a workload was placed elsewhere and is ready; what leaves is
// withdrawn. Whether the cluster that it leaves reports first or tells the status first,
// the generation counts as ready.
func TestReadyInAnyOrderOfFacts(t *testing.T) {
	f, web := newFleet(t), event.WorkloadID{Tenant: "t", Name: "web"}
	f.addCluster("a", nil, "small nodes=2 cpu=4 mem=8")
	submit := func(image string) {
		f.fact(event.Intents, &event.WorkloadSubmitted{
			Tenant: web.Tenant, Name: web.Name, Kind: event.KindService, Replicas: 2,
			Template: event.Template{Image: image, Resources: event.Resources{CPUMilli: 1000, MemoryBytes: 1 << 30}},
		})
	}
	submit("app:1")
	f.decide()
	f.settle("a", 0)
	f.status("a", web, -1)
	f.addCluster("b", nil, "small nodes=2 cpu=4 mem=8")
	f.fact(event.Intents, &event.ClusterDrained{Cluster: "a"})
	submit("app:2")
	f.decide()
	f.settle("b", 0)
	f.status("b", web, -1)
	f.decide() // withdraws from a
	if f.s.workloads[web].moving() {
		t.Fatalf("it did not move:\n%s", f.s.Snapshot())
	}
	f.settle("a", 0)
	f.report("a")
	f.status("a", web, 0)
	for _, order := range [][]event.Stream{{event.Status, event.Capacity}, {event.Capacity, event.Status}} {
		if folded := f.refold(append(order, event.Intents)...); folded.Digest() != f.s.Digest() {
			t.Errorf("%v: another state\n%s\n%s", order, folded.Snapshot(), f.s.Snapshot())
		}
	}
	if w := f.s.workloads[web]; w.good != w.generation {
		t.Errorf("generation %d is ready, %d counts", w.generation, w.good)
	}
}
