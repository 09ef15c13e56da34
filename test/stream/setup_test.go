package stream_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// TestSetup creates what is missing, once, and changes nothing of what is there.
func TestSetup(t *testing.T) {
	b := startBroker(t)
	ctx := soon(t)
	nc := connect(t, b.ClientURL())
	js := jetStream(t, nc)
	o := stream.Options{Scale: 0.01}

	var absent *stream.Absent
	if _, err := stream.Open(ctx, nc, o); !errors.As(err, &absent) || !strings.Contains(err.Error(), "INTENTS, STATUS, CAPACITY, PLACEMENTS, DEADLETTERS, fairlead-checkpoints") {
		t.Fatalf("open before setup: %v", err)
	}
	report, err := stream.Check(ctx, js, o)
	must(t, err)
	if report.Ready() || report.Same() {
		t.Fatalf("nothing exists, yet:\n%s", report)
	}
	report, err = stream.Setup(ctx, js, o)
	must(t, err)
	if !report.Same() || strings.Count(report.String(), ": created") != 6 {
		t.Fatalf("after setup:\n%s", report)
	}
	report, err = stream.Setup(ctx, js, o)
	must(t, err)
	if !report.Same() || strings.Count(report.String(), ": as it should be") != 6 {
		t.Fatalf("after a second setup:\n%s", report)
	}
}

// TestSetupReports tells a difference in words and leaves it.
func TestSetupReports(t *testing.T) {
	b := startBroker(t)
	ctx := soon(t)
	js := jetStream(t, connect(t, b.ClientURL()))
	o := stream.Options{Scale: 0.01}
	_, err := stream.Setup(ctx, js, o)
	must(t, err)
	found, err := js.Stream(ctx, string(event.Placements))
	must(t, err)
	c := found.CachedInfo().Config
	c.MaxBytes, c.AllowRollup = 1<<20, true
	_, err = js.UpdateStream(ctx, c)
	must(t, err)

	report, err := stream.Setup(ctx, js, o)
	must(t, err)
	if !report.Ready() || report.Same() {
		t.Fatalf("a difference makes it not the same, but usable:\n%s", report)
	}
	want := "PLACEMENTS: maximum bytes is 1048576, should be 85899346; rollup is true, should be false\n"
	if !strings.Contains(report.String(), want) {
		t.Fatalf("got:\n%swant:\n%s", report, want)
	}
	found, err = js.Stream(ctx, string(event.Placements))
	must(t, err)
	if found.CachedInfo().Config.MaxBytes != 1<<20 {
		t.Fatal("setup changed a stream")
	}
}

// TestPersistence: what agents repeat may be persisted late, with one replica only;
// what decisions stand on may not.
func TestPersistence(t *testing.T) {
	b := startBroker(t)
	open(t, b.ClientURL(), stream.Options{Scale: 0.01})
	h := hands{t, jetStream(t, connect(t, b.ClientURL()))}
	for s, want := range map[event.Stream]jetstream.PersistModeType{
		event.Intents: jetstream.DefaultPersistMode, event.Placements: jetstream.DefaultPersistMode,
		stream.DeadLetters: jetstream.DefaultPersistMode,
		event.Capacity:     jetstream.AsyncPersistMode, event.Status: jetstream.AsyncPersistMode,
	} {
		c := h.stream(s).CachedInfo().Config
		if c.PersistMode != want {
			t.Errorf("%s persists %v, want %v", s, c.PersistMode, want)
		}
		if c.MaxConsumers <= 0 || c.MaxAge <= 0 || c.MaxBytes <= 0 || c.AllowMsgTTL {
			t.Errorf("%s: %+v", s, c)
		}
	}
}

// TestCheckpointWithoutAPiece removes a piece of the newest checkpoint from the
// store: it is told as damaged, at once, and the next one is given.
func TestCheckpointWithoutAPiece(t *testing.T) {
	noise := make([]byte, 1<<20) // which cannot be packed into one piece
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	t.Run("of many", func(t *testing.T) { withoutAPiece(t, noise) })
	t.Run("its only one", func(t *testing.T) { withoutAPiece(t, make([]byte, 1<<20)) })
}

func withoutAPiece(t *testing.T, state []byte) {
	b := startBroker(t)
	l := open(t, b.ClientURL(), stream.Options{Scale: 0.01})
	ctx := soon(t)
	h := hands{t, jetStream(t, connect(t, b.ClientURL()))}
	for _, at := range []uint64{1, 2} {
		must(t, l.SaveCheckpoint(ctx, stream.Checkpoint{State: state, Placements: at}))
	}
	objects := h.stream("OBJ_fairlead-checkpoints")
	last := objects.CachedInfo().State.LastSeq // the object's description; its pieces come before
	must(t, objects.DeleteMsg(ctx, last-1))

	var damaged *stream.Damaged
	var good []uint64
	for c, err := range l.Checkpoints(ctx) {
		if err != nil {
			if !errors.As(err, &damaged) {
				t.Fatal(err)
			}
			continue
		}
		good = append(good, c.Placements)
	}
	if damaged == nil || len(good) != 1 || good[0] != 1 {
		t.Fatalf("damaged %v, good %v", damaged, good)
	}
}
