package stream_test

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// TestDayInTheLife follows one workload through a real log: published, read,
// decided under the fence, commanded, checkpointed.
func TestDayInTheLife(t *testing.T) {
	b := startBroker(t)
	l := open(t, b.ClientURL(), stream.Options{Scale: 0.01})
	ctx := soon(t)

	hello := event.New("/clusters/eu-1/agent", &event.AgentStarted{Cluster: "eu-1", Instance: "a", Reason: "start"})
	hello.ID = "eu-1/hello"
	first, err := l.Publish(ctx, hello)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := l.Publish(ctx, hello); err != nil || again != first {
		t.Fatalf("the same event again: sequence %d, %v; want %d", again, err, first)
	}
	r, err := l.Read(ctx, event.Intents, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Next(ctx)
	if err != nil || len(got) != 1 {
		t.Fatalf("read %d records, %v", len(got), err)
	}
	if e, err := got[0].Event(); err != nil || e.ID != hello.ID || e.At.Sequence != first {
		t.Fatalf("read %+v, %v", e, err)
	}

	if err := l.Join(ctx, "eu-1"); err != nil {
		t.Fatal(err)
	}
	a := l.Appender(0)
	var batch []*nats.Msg
	for i := range 10 {
		m := nats.NewMsg("fairlead.placements.cluster.eu-1.command.place")
		m.Data = fmt.Append(nil, i)
		batch = append(batch, m)
	}
	if first, last, err := a.Append(ctx, batch).Wait(ctx); err != nil || first != 1 || last != 10 {
		t.Fatalf("append: %d to %d, %v", first, last, err)
	}
	commands, err := l.Commands(ctx, "eu-1")
	if err != nil {
		t.Fatal(err)
	}
	defer commands.Close()
	for n := 0; n < 10; {
		cs, err := commands.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cs {
			if string(c.Data) != fmt.Sprint(n) {
				t.Fatalf("command %q, want %d", c.Data, n)
			}
			if err := c.Ack(ctx); err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	if err := l.SaveCheckpoint(ctx, stream.Checkpoint{State: []byte("state"), Placements: 10}); err != nil {
		t.Fatal(err)
	}
	for c, err := range l.Checkpoints(ctx) {
		if err != nil || c.Placements != 10 || string(c.State) != "state" {
			t.Fatalf("checkpoint %+v, %v", c, err)
		}
	}
}
