package stream_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func cordon(id string) event.Event {
	e := event.New("/operators/test", &event.ClusterCordoned{Cluster: "eu-1", Reason: id})
	e.ID = id
	return e
}

// TestRestart stops the server under a reader, a command channel and a publisher:
// all of them go on by themselves, and nothing is lost or seen twice.
func TestRestart(t *testing.T) {
	b := startBroker(t)
	l := open(t, b.ClientURL(), stream.Options{Scale: 0.01, AckTimeout: 2 * time.Second, PublishTries: 20,
		Redeliver: []time.Duration{time.Second}})
	ctx := soon(t)
	must(t, l.Join(ctx, "eu-1"))
	commands, err := l.Commands(ctx, "eu-1")
	must(t, err)
	defer commands.Close()
	r, err := l.Read(ctx, event.Intents, 1)
	must(t, err)
	defer r.Close()

	next := uint64(1)
	for round := range 3 {
		if round > 0 {
			b.stop()
			b.start(t)
		}
		for i := range 10 {
			_, err := l.Publish(ctx, cordon(fmt.Sprintf("%d/%d", round, i)))
			must(t, err)
		}
		for want := next + 10; next < want; {
			batch, err := r.Next(ctx)
			must(t, err)
			for _, m := range batch {
				if m.At.Sequence != next {
					t.Fatalf("read %d, want %d", m.At.Sequence, next)
				}
				next++
			}
		}
		last := uint64(10 * round)
		_, _, err := l.Appender(last).Append(ctx, namedBatch(fmt.Sprint(round), 10)).Wait(ctx)
		must(t, err)
		settle(t, commands, last+1, 10)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// settle acknowledges n commands from a sequence on; older ones may come again.
func settle(t *testing.T, commands *stream.Commands, from uint64, n int) {
	t.Helper()
	ctx := soon(t)
	seen := map[uint64]bool{}
	for len(seen) < n {
		batch, err := commands.Next(ctx)
		must(t, err)
		for _, c := range batch {
			must(t, c.Ack(ctx))
			if c.At.Sequence >= from {
				seen[c.At.Sequence] = true
			}
		}
	}
}

// TestAppendAcrossRestart loses the server with a batch in flight: its outcome is
// unknown, the tail tells, and the chain goes on from there.
func TestAppendAcrossRestart(t *testing.T) {
	b := startBroker(t)
	l := open(t, b.ClientURL(), stream.Options{Scale: 0.01, AckTimeout: 2 * time.Second})
	ctx := soon(t)
	a := l.Appender(0)
	_, _, err := a.Append(ctx, namedBatch("one", 3)).Wait(ctx)
	must(t, err)
	b.stop()
	_, _, err = a.Append(ctx, namedBatch("two", 3)).Wait(ctx)
	if !errors.As(err, new(*stream.Unknown)) {
		t.Fatalf("without a server: %v (%T), want Unknown", err, err)
	}
	b.start(t)
	var tail []stream.Message
	eventually(t, "the tail can be read", func() error {
		tail, err = l.Tail(ctx, event.Placements, 1)
		return err
	})
	if len(tail) != 3 {
		t.Fatalf("%d records: what could not be sent was sent later", len(tail))
	}
	_, last, err := l.Appender(3).Append(ctx, namedBatch("two", 3)).Wait(ctx)
	must(t, err)
	if last != 6 {
		t.Fatalf("last %d, want 6", last)
	}
}

// TestRolledBack restores an older copy of the store under a reader.
func TestRolledBack(t *testing.T) {
	b := startBroker(t)
	l := open(t, b.ClientURL(), stream.Options{Scale: 0.01, AckTimeout: 2 * time.Second, PublishTries: 20})
	ctx := soon(t)
	_, err := l.Publish(ctx, cordon("kept"))
	must(t, err)
	b.stop()
	backup := t.TempDir()
	must(t, os.CopyFS(backup, os.DirFS(b.dir)))
	b.start(t)
	for i := range 5 {
		_, err := l.Publish(ctx, cordon(fmt.Sprint(i)))
		must(t, err)
	}
	r, err := l.Read(ctx, event.Intents, 1)
	must(t, err)
	defer r.Close()
	for last := uint64(0); last < 6; {
		batch, err := r.Next(ctx)
		must(t, err)
		last = batch[len(batch)-1].At.Sequence
	}
	b.stop()
	b.dir = backup
	b.start(t)
	_, err = r.Next(ctx)
	var back *stream.RolledBack
	if !errors.As(err, &back) || back.Known != 6 || back.Last != 1 {
		t.Fatalf("got %v, want a roll-back from 6 to 1", err)
	}
	if err := l.Expect(ctx, event.Intents, r.State().Incarnation, 6); !errors.As(err, &back) {
		t.Fatalf("got %v, want a roll-back", err)
	}
}

// TestRecreatedUnderReaders makes a stream anew while it is read.
func TestRecreatedUnderReaders(t *testing.T) {
	b := startBroker(t)
	l := open(t, b.ClientURL(), contractOptions)
	ctx := soon(t)
	h := hands{t, jetStream(t, connect(t, b.ClientURL()))}
	_, err := l.Publish(ctx, cordon("one"))
	must(t, err)
	must(t, l.Join(ctx, "eu-1"))
	commands, err := l.Commands(ctx, "eu-1")
	must(t, err)
	defer commands.Close()
	r, err := l.Read(ctx, event.Intents, 1)
	must(t, err)
	defer r.Close()
	_, err = r.Next(ctx)
	must(t, err)
	h.recreate(event.Intents)
	h.recreate(event.Placements)
	if _, err := r.Next(ctx); !errors.As(err, new(*stream.Incarnation)) && !errors.As(err, new(*stream.Absent)) {
		t.Fatalf("got %v, want Incarnation, or Absent in the moment between", err)
	}
	if _, err := commands.Next(ctx); !errors.As(err, new(*stream.NotJoined)) {
		t.Fatalf("got %v, want NotJoined", err)
	}
}

// eventually tries until there is no error, as fast as the answers come.
func eventually(t testing.TB, what string, try func() error) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-pause.C:
		case <-deadline:
			t.Fatalf("%s: %v", what, err)
		}
	}
}
