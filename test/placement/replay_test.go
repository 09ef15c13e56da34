package placement

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	service "fairlead.dev/services/placement"
)

// Every decision of a history with restarts, checkpoints, a drain and a withdrawal comes
// out again to the byte, from the state it was decided on.
func TestReplay(t *testing.T) {
	f := newFleet(t)
	often := func(c *service.Config) { c.CheckpointRecords = 40 }
	first := f.lead(often)
	f.join("eu-1")
	f.join("us-1")
	f.synchronised(2)
	f.submit("web", 30)
	f.placed(30)
	f.end(first)
	second := f.lead(often)
	f.wish("drain", &event.ClusterDrained{Cluster: "us-1"})
	f.submit("api", 20)
	f.placed(50)
	f.wish("back", &event.ClusterUncordoned{Cluster: "us-1"})
	f.wish("gone", &event.WorkloadWithdrawn{Tenant: "shop", Name: "web-3"})
	f.end(second)
	third := f.lead(often)
	f.submit("db", 5)
	f.placed(55)
	f.end(third)

	last, err := f.log.State(f.soon(), event.Placements)
	if err != nil {
		t.Fatal(err)
	}
	decisions, behind := 0, 0
	for _, e := range f.records(1, func(e event.Event) bool { return e.At.Sequence == last.Last }) {
		past, err := service.Before(f.soon(), f.log, scheduler.DefaultConfig(), e.At.Sequence)
		if err != nil {
			t.Fatalf("before %d: %v", e.At.Sequence, err)
		}
		if past.From > 0 {
			behind++
		}
		again, err := past.Replay()
		if _, is := e.Data.(*event.PlacementDecided); !is {
			if err == nil {
				t.Errorf("record %d is no decision and was replayed", e.At.Sequence)
			}
			continue
		}
		decisions++
		if err != nil || !again.Same {
			t.Errorf("d_%d: %v\nrecorded %s\ndecided  %s", e.At.Sequence, err, again.Recorded, again.Decided)
		}
	}
	if decisions < 55 || behind == 0 {
		t.Errorf("%d decisions replayed, %d of them from a checkpoint", decisions, behind)
	}
	t.Logf("%d decisions of %d records came out again, %d folds began at a checkpoint", decisions, last.Last, behind)
	f.replayFails(last.Last)
}

// replayFails asks for what cannot be decided again.
func (f *fleet) replayFails(last uint64) {
	f.t.Helper()
	cfg := scheduler.DefaultConfig()
	for _, seq := range []uint64{0, last + 1} {
		if _, err := service.Before(f.soon(), f.log, cfg, seq); !errors.As(err, new(*service.NoRecord)) {
			f.t.Errorf("record %d: %v", seq, err)
		}
	}
	other := event.New(event.PlacementSource("old"), &event.PlacementDecided{
		Tenant: "shop", Workload: "web-1", Generation: 1, Verdict: event.VerdictHeld, Replicas: 1, Engine: "of-another-time",
	})
	other.ID, other.At = "d_other", event.At{Stream: event.Placements, Sequence: last + 1}
	msg, err := event.Encode(other)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, _, err := f.log.Appender(last).Append(f.soon(), []*nats.Msg{msg}).Wait(f.soon()); err != nil {
		f.t.Fatal(err)
	}
	past, err := service.Before(f.soon(), f.log, cfg, last+1)
	if err != nil {
		f.t.Fatal(err)
	}
	if again, err := past.Replay(); err != nil || again.SameEngine() || again.Same {
		f.t.Errorf("a decision of another engine: %+v, %v", again, err)
	}
	f.purge(event.Intents, 40)
	if _, err := service.Before(f.soon(), f.log, cfg, 30); !errors.Is(err, service.ErrExpired) {
		f.t.Errorf("facts that are gone: %v", err)
	}
	f.purge(event.Placements, 60)
	if _, err := service.Before(f.soon(), f.log, cfg, 30); !errors.Is(err, service.ErrExpired) {
		f.t.Errorf("a record that is gone: %v", err)
	}
}

// purge removes what a stream holds before a sequence, as retention would.
func (f *fleet) purge(s event.Stream, before uint64) {
	f.t.Helper()
	st, err := f.js.Stream(f.soon(), string(s))
	if err != nil {
		f.t.Fatal(err)
	}
	if err := st.Purge(f.soon(), jetstream.WithPurgeSequence(before)); err != nil {
		f.t.Fatal(err)
	}
}

// wish publishes what an operator or a tenant wants.
func (f *fleet) wish(id string, p event.Payload) {
	f.t.Helper()
	e := event.New(event.OperatorSource("test"), p)
	e.ID = id
	if _, err := f.log.Publish(f.soon(), e); err != nil {
		f.t.Fatal(err)
	}
}
