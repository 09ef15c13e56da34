package scheduler

import (
	"fmt"
	"slices"
	"testing"

	"fairlead.dev/pkg/event"
)

// A list that goes on after any workload, known or not, is the rest of the whole list.
func TestWorkloadsAfter(t *testing.T) {
	s := New(DefaultConfig())
	for i, id := range []event.WorkloadID{{Tenant: "b", Name: "x"}, {Tenant: "a", Name: "y"}, {Tenant: "b", Name: "a"}, {Tenant: "c", Name: "z"}} {
		if n := len(s.Workloads()); n != i { // a list does not keep later ones out of the next
			t.Fatalf("%d workloads of %d", n, i)
		}
		s.Apply(event.Event{
			At:   event.At{Stream: event.Intents, Sequence: uint64(i + 1)},
			Data: &event.WorkloadSubmitted{Tenant: id.Tenant, Name: id.Name, Kind: event.KindService, Replicas: 1},
		})
	}
	for _, after := range []event.WorkloadID{{}, {Tenant: "a", Name: "y"}, {Tenant: "b", Name: "b"}, {Tenant: "b", Name: "x"}, {Tenant: "z", Name: "z"}} {
		for _, tenant := range []event.Tenant{"", "b", "none"} {
			var want, got []string
			for _, w := range s.Workloads() {
				if id := w.Spec.ID(); id.Compare(after) > 0 && (tenant == "" || id.Tenant == tenant) {
					want = append(want, id.String())
				}
			}
			for w := range s.WorkloadsAfter(after, tenant) {
				got = append(got, w.Spec.ID().String())
			}
			if !slices.Equal(got, want) {
				t.Errorf("after %s of %q: %v, want %v", after, tenant, got, want)
			}
		}
	}
	for w := range s.WorkloadsAfter(event.WorkloadID{}, "") {
		if got := fmt.Sprint(w.Spec.ID()); got != "a/y" {
			t.Errorf("begins with %s", got)
		}
		break
	}
}
