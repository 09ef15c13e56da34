package placement

import (
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// FuzzThaw: bytes are a checkpoint's state and notes, or an error: a damaged one is
// skipped, and must not end every instance that meets it.
func FuzzThaw(f *testing.F) {
	s, n := scheduler.New(scheduler.DefaultConfig()), newNotes()
	for i, p := range []event.Payload{
		&event.AgentStarted{Cluster: "eu-1", Instance: "a", Orchestrator: "sim"},
		&event.WorkloadSubmitted{Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 2, Template: event.Template{Image: "x"}},
		&event.QuotaSet{Tenant: "shop", Workloads: 3},
	} {
		e := event.Event{ID: "x", Data: p, At: event.At{Stream: event.Intents, Sequence: uint64(i) + 1}}
		apply(s, n, fact{e, 100})
		c, err := freeze(s, n, 0).checkpoint()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(c.State)
	}
	f.Add([]byte{2, '{', '}', '{', '}'})
	f.Fuzz(func(t *testing.T, b []byte) {
		state, notes, err := thaw(scheduler.DefaultConfig(), b)
		if err != nil {
			return
		}
		if _, err := freeze(state, notes, 0).checkpoint(); err != nil {
			t.Error(err)
		}
	})
}
