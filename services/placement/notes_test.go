package placement

import (
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
)

// A leader that copies its notes to nobody does not remember every workload that ever was,
// and does not forget one that comes back.
func TestNotesForgetWhatIsGone(t *testing.T) {
	n, seq := newNotes(), uint64(0)
	about := func(i int, p event.Payload) event.Event {
		seq++
		return event.Event{ID: fmt.Sprint(i), Data: p, At: event.At{Stream: event.Placements, Sequence: seq}}
	}
	for i := range 10 * fewGone {
		name := event.WorkloadName(fmt.Sprintf("w-%d", i))
		n.apply(about(i, &event.WorkloadSubmitted{Tenant: "shop", Name: name}), 100)
		n.apply(about(i, &event.PlacementDecided{Tenant: "shop", Workload: name, Verdict: event.VerdictPlaced}), 0)
		if i%10 > 0 {
			n.apply(about(i, &event.PlacementDecided{Tenant: "shop", Workload: name, Verdict: event.VerdictWithdrawn}), 0)
		}
		n.tidy(seq - 100)
	}
	if kept := fewGone; len(n.workloads) < kept || len(n.workloads) > 5*kept {
		t.Errorf("%d workloads are remembered, %d stand", len(n.workloads), kept)
	}
	back := event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(fmt.Sprintf("w-%d", 10*fewGone-1))}
	n.apply(about(0, &event.WorkloadSubmitted{Tenant: back.Tenant, Name: back.Name}), 77)
	n.forget(seq)
	if o := n.workloads[back]; o == nil || o.Size != 77 || n.gone != 0 || len(n.workloads) != fewGone+1 {
		t.Errorf("it came back and is known as %+v; %d gone, %d in all", o, n.gone, len(n.workloads))
	}
}
