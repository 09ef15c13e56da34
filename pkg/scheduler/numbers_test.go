package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// What an agent holds beyond every number that the log knows of lifts the numbers, and
// the cluster is told everything again above it; what nobody could hold does not.
func TestNumbersGoOnAboveWhatAgentsHold(t *testing.T) {
	status := func(token uint64) event.Payload {
		return &event.WorkloadStatusReported{Cluster: "eu", Incarnation: 1, Report: 1, Tenant: "shop", Workload: "web", Token: token}
	}
	report := func(through uint64) event.Payload {
		return &event.ClusterCapacityReported{Cluster: "eu", Incarnation: 1, Report: 1, AppliedThrough: through, Orchestrator: "sim"}
	}
	for name, c := range map[string]struct {
		says event.Payload
		want uint64 // First of the next synchronisation; 0: none
	}{
		"an object's token":      {status(40), 41},
		"a report":               {report(40), 41},
		"a number that is known": {status(0), 0},
		"a number of nobody":     {status(mostNumber), 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(DefaultConfig())
			at := func(stream event.Stream, seq uint64, p event.Payload) {
				s.Apply(event.Event{Data: p, At: event.At{Stream: stream, Sequence: seq}})
			}
			at(event.Intents, 1, &event.AgentStarted{Cluster: "eu", Instance: "x"})
			first, ok := s.Decide().(*event.CommandSynchronise)
			if !ok || first.First != 1 {
				t.Fatalf("answered with %+v", first)
			}
			at(event.Placements, 1, first)
			at(event.Status, 1, c.says)
			again, ok := s.Decide().(*event.CommandSynchronise)
			if ok != (c.want > 0) || ok && (again.First != c.want || again.Incarnation != 1) {
				t.Errorf("then with %+v, want numbers from %d", again, c.want)
			}
		})
	}
}

// A log that was restored leaves numbers out: each cluster is answered anew, as the same
// incarnation, above all that the lost end can have used, and a restored state does the same.
func TestNumbersThatARestoreLeavesOut(t *testing.T) {
	s := New(DefaultConfig())
	at := func(stream event.Stream, seq uint64, p event.Payload) {
		s.Apply(event.Event{Data: p, At: event.At{Stream: stream, Sequence: seq}})
	}
	at(event.Intents, 1, &event.AgentStarted{Cluster: "eu", Instance: "x"})
	first := s.Decide().(*event.CommandSynchronise)
	at(event.Placements, 1, first)
	s.LeaveOut(1) // nothing
	if p := s.Decide(); p != nil {
		t.Fatalf("without a gap: %+v", p)
	}
	s.LeaveOut(501)
	again, ok := s.Decide().(*event.CommandSynchronise)
	if !ok || again.First != first.First+500 || again.Incarnation != 1 || s.Position() != 501 {
		t.Fatalf("at %d: %+v", s.Position(), again)
	}
	restored, err := Restore(DefaultConfig(), s.Snapshot())
	if err != nil || restored.Digest() != s.Digest() {
		t.Fatalf("restored otherwise: %v", err)
	}
	if p, ok := restored.Decide().(*event.CommandSynchronise); !ok || *p != *again {
		t.Errorf("restored: %+v, want %+v", p, again)
	}
}
