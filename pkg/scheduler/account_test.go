package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// Quotas that no schema would let pass, loops and absurd amounts: nothing hangs, no
// sum runs over, and what is taken back leaves nothing behind.
func TestAbsurdAccounts(t *testing.T) {
	s := New(DefaultConfig())
	at := uint64(0)
	apply := func(p event.Payload) {
		at++
		s.Apply(event.Event{Data: p, At: event.At{Stream: event.Intents, Sequence: at}})
	}
	for _, q := range []*event.QuotaSet{
		{Tenant: "self", Parent: "self"},
		{Tenant: "a", Parent: "b"}, {Tenant: "b", Parent: "c"}, {Tenant: "c", Parent: "a"},
		{Tenant: "below", Parent: "a", Weight: -5, Limit: &event.Resources{CPUMilli: -1, MemoryBytes: 1}},
		{Tenant: "orphan", Parent: "nobody", Workloads: -1, MaxPrice: -1},
	} {
		apply(q)
	}
	for _, c := range []struct{ id, parent event.Tenant }{{"self", ""}, {"a", ""}, {"b", ""}, {"c", ""}, {"below", "a"}, {"orphan", "nobody"}, {"nobody", ""}} {
		if got := s.books.get(c.id).parent.id; got != c.parent {
			t.Errorf("%s stands under %q, want %q", c.id, got, c.parent)
		}
	}
	huge := &charge{Request: event.Resources{CPUMilli: most, MemoryBytes: most, Extended: map[string]int64{"x": most}}, Replicas: 1_000_000, Price: most}
	for _, name := range []event.WorkloadName{"one", "two", "three"} {
		id := event.WorkloadID{Tenant: "below", Name: name}
		apply(&event.WorkloadSubmitted{Tenant: id.Tenant, Name: id.Name, Replicas: 1, Policy: event.Policy{Priority: -1_000_000, PriorityClass: "none"}})
		s.setCharge(s.workloads[id], huge)
	}
	apply(&event.QuotaSet{Tenant: "b"}) // the loop is open: a, and what is below it, stand under b
	if a, b := s.books.get("a"), s.books.get("b"); a.parent != b || b.used.cpu != s.books.root.used.cpu || b.used.cpu.hi == 0 {
		t.Errorf("a stands under %q, b has %+v of %+v", a.parent.id, b.used.cpu, s.books.root.used.cpu)
	}
	for _, id := range s.workloadIDs() {
		s.setCharge(s.workloads[id], nil)
	}
	for _, a := range append(s.books.sorted(), s.books.root) {
		if a.used.cpu != (wide{}) || a.used.price != (wide{}) || a.used.workloads != 0 || a.used.extended["x"] != (wide{}) {
			t.Errorf("%q still has %+v", a.id, a.used)
		}
	}
	if b := s.exceeded(s.workloads[event.WorkloadID{Tenant: "below", Name: "one"}], 1, 0); b != nil {
		t.Errorf("a request for nothing is over %s", b.words())
	}
}
