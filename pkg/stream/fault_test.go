package stream_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func cordon(id string) event.Event {
	e := event.New("/operators/test", &event.ClusterCordoned{Cluster: "eu-1"})
	e.ID = id
	return e
}

func place(data string) *nats.Msg {
	m := nats.NewMsg("fairlead.placements.cluster.eu-1.command.place")
	m.Data = []byte(data)
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// once faults the first operation of a kind.
func once(kind stream.OpKind, f stream.Fault) func(stream.Op) stream.Fault {
	return times(1, kind, f)
}

// times faults the first operations of a kind.
func times(n int, kind stream.OpKind, f stream.Fault) func(stream.Op) stream.Fault {
	return func(op stream.Op) stream.Fault {
		if n == 0 || op.Kind != kind {
			return stream.NoFault
		}
		n--
		return f
	}
}

// TestFaultsOfAppend: a lost answer is unknown whether it was stored or not, and
// the tail tells which.
func TestFaultsOfAppend(t *testing.T) {
	for fault, stored := range map[stream.Fault]int{stream.Fail: 0, stream.LoseAnswer: 2} {
		m := stream.NewMemory(stream.MemoryConfig{})
		m.Inject(once(stream.OpAppend, fault))
		a := m.Appender(0)
		_, _, err := a.Append(t.Context(), []*nats.Msg{place("1"), place("2")}).Wait(t.Context())
		var unknown *stream.Unknown
		if !errors.As(err, &unknown) || unknown.Expected != 0 || !errors.Is(err, stream.ErrInjected) {
			t.Fatalf("fault %d: got %v, want Unknown", fault, err)
		}
		if _, _, err := a.Append(t.Context(), []*nats.Msg{place("3")}).Wait(t.Context()); !errors.As(err, new(*stream.Moved)) {
			t.Fatalf("fault %d: the appender lives: %v", fault, err)
		}
		tail, err := m.Tail(t.Context(), event.Placements, 1)
		must(t, err)
		if len(tail) != stored {
			t.Fatalf("fault %d: %d records are stored, want %d", fault, len(tail), stored)
		}
	}
}

// TestFaultsOfPublish: after a lost answer the same event is stored once.
func TestFaultsOfPublish(t *testing.T) {
	m := stream.NewMemory(stream.MemoryConfig{})
	m.Inject(once(stream.OpPublish, stream.LoseAnswer))
	if _, err := m.Publish(t.Context(), cordon("one")); !errors.Is(err, stream.ErrInjected) {
		t.Fatalf("got %v, want the fault", err)
	}
	for range 2 {
		seq, err := m.Publish(t.Context(), cordon("one"))
		must(t, err)
		if seq != 1 {
			t.Fatalf("sequence %d, want 1", seq)
		}
	}
}

// TestFaultsOfPublishAll: a batch that is lost goes again event by event; an event
// whose answer is lost too is told, with what is known, and all again stores the rest.
func TestFaultsOfPublishAll(t *testing.T) {
	all := []event.Event{cordon("1"), cordon("2"), cordon("3")}
	for _, c := range []struct {
		fault    stream.Fault
		faults   int
		known    int
		stored   uint64
		wantFail bool
	}{
		{stream.Fail, 1, 3, 3, false},
		{stream.LoseAnswer, 1, 3, 3, false},
		{stream.Fail, 2, 0, 0, true},
		{stream.LoseAnswer, 2, 0, 3, true},
	} {
		m := stream.NewMemory(stream.MemoryConfig{})
		m.Inject(times(c.faults, stream.OpPublish, c.fault))
		seqs, err := m.PublishAll(t.Context(), all)
		if errors.Is(err, stream.ErrInjected) != c.wantFail || (err != nil) != c.wantFail || len(seqs) != 3 {
			t.Fatalf("%+v: got %v, %v", c, seqs, err)
		}
		for i := range c.known {
			if seqs[i] != uint64(i+1) {
				t.Fatalf("%+v: got %v", c, seqs)
			}
		}
		state, err := m.State(t.Context(), event.Intents)
		must(t, err)
		if state.Messages != c.stored {
			t.Fatalf("%+v: %d are stored", c, state.Messages)
		}
		seqs, err = m.PublishAll(t.Context(), all)
		must(t, err)
		if !slices.Equal(seqs, []uint64{1, 2, 3}) {
			t.Fatalf("%+v: again at %v", c, seqs)
		}
	}
}

// TestDuplicateWindow: an id is forgotten after a while, by the log's own clock.
func TestDuplicateWindow(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := stream.NewMemory(stream.MemoryConfig{Now: func() time.Time { return now }})
	for _, c := range []struct {
		after time.Duration
		want  uint64
	}{{0, 1}, {10 * time.Minute, 1}, {time.Second, 2}, {10 * time.Minute, 2}} {
		now = now.Add(c.after)
		seq, err := m.Publish(t.Context(), cordon("one"))
		must(t, err)
		if seq != c.want {
			t.Fatalf("at %s: sequence %d, want %d", now, seq, c.want)
		}
	}
}

// TestRollBackForgets: what was rolled back is not a duplicate afterwards, and a
// reader that saw it is told.
func TestRollBackForgets(t *testing.T) {
	m := stream.NewMemory(stream.MemoryConfig{})
	for _, id := range []string{"one", "two"} {
		_, err := m.Publish(t.Context(), cordon(id))
		must(t, err)
	}
	r, err := m.Read(t.Context(), event.Intents, 1)
	must(t, err)
	_, err = r.Next(t.Context())
	must(t, err)
	m.RollBack(event.Intents, 1)
	var back *stream.RolledBack
	if _, err := r.Next(t.Context()); !errors.As(err, &back) || back.Known != 2 || back.Last != 1 {
		t.Fatalf("got %v, want a roll-back from 2 to 1", err)
	}
	seq, err := m.Publish(t.Context(), cordon("two"))
	must(t, err)
	if seq != 2 {
		t.Fatalf("sequence %d, want 2", seq)
	}
}

// TestReadersOfMemoryAreTold of what happens to their stream while they read.
func TestReadersOfMemoryAreTold(t *testing.T) {
	m := stream.NewMemory(stream.MemoryConfig{})
	publish := func(ids ...string) {
		for _, id := range ids {
			_, err := m.Publish(t.Context(), cordon(id))
			must(t, err)
		}
	}
	read := func() *stream.Reader {
		r, err := m.Read(t.Context(), event.Intents, 0)
		must(t, err)
		return r
	}
	publish("1", "2", "3")
	late := read()
	m.Purge(event.Intents, 2)
	var gap *stream.Gap
	if _, err := late.Next(t.Context()); !errors.As(err, &gap) || gap.From != 1 || gap.To != 2 {
		t.Fatalf("got %v, want the gap of 1 to 2", err)
	}
	r := read()
	m.Recreate(event.Intents)
	if _, err := r.Next(t.Context()); !errors.As(err, new(*stream.Incarnation)) {
		t.Fatalf("got %v, want another incarnation", err)
	}
	r = read()
	r.Close()
	if _, err := r.Next(t.Context()); err == nil {
		t.Fatal("a closed reader reads")
	}
}

// TestRedeliveryInTime: the waits grow as the options say, in simulated time.
func TestRedeliveryInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := []time.Duration{time.Second, time.Minute}
		m := stream.NewMemory(stream.MemoryConfig{Options: stream.Options{Redeliver: waits}})
		must(t, m.Join(t.Context(), "eu-1"))
		_, _, err := m.Appender(0).Append(t.Context(), []*nats.Msg{place("1")}).Wait(t.Context())
		must(t, err)
		c, err := m.Commands(t.Context(), "eu-1")
		must(t, err)
		begin := time.Now()
		for _, want := range []time.Duration{0, time.Second, time.Second + time.Minute, time.Second + 2*time.Minute} {
			got, err := c.Next(t.Context())
			must(t, err)
			if at := time.Since(begin); len(got) != 1 || at != want {
				t.Fatalf("%d commands after %s, want 1 after %s", len(got), at, want)
			}
		}
	})
}
