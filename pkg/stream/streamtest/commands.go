package streamtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func channel(t *testing.T, s Subject, c event.ClusterID) *stream.Commands {
	t.Helper()
	commands, err := s.Commands(within(t), c)
	must(t, err)
	t.Cleanup(commands.Close)
	return commands
}

// take reads n commands.
func take(t *testing.T, ctx context.Context, c *stream.Commands, n int) []stream.Command {
	t.Helper()
	var all []stream.Command
	for len(all) < n {
		batch, err := c.Next(ctx)
		if err != nil {
			t.Fatalf("after %d of %d commands: %v", len(all), n, err)
		}
		all = append(all, batch...)
	}
	return all
}

func order(t *testing.T, s Subject, cluster event.ClusterID, count int) {
	t.Helper()
	ctx := within(t)
	state, err := s.State(ctx, event.Placements)
	must(t, err)
	_, _, err = s.Appender(state.Last).Append(ctx, records(cluster, 0, count)).Wait(ctx)
	must(t, err)
}

func commandsOrder(t *testing.T, s Subject) {
	ctx := within(t)
	must(t, s.Join(ctx, "eu-1"))
	must(t, s.Join(ctx, "eu-1")) // again is nothing new
	order(t, s, "eu-1", 20)
	c := channel(t, s, "eu-1")
	got := take(t, ctx, c, 20)
	equal(t, "commands", len(got), 20)
	for i, m := range got {
		equal(t, "data", string(m.Data), fmt.Sprint(i))
		equal(t, "sequence", m.At.Sequence, uint64(i+1))
		must(t, m.Ack(ctx))
	}
	order(t, s, "eu-1", 1)
	equal(t, "after all were acknowledged", take(t, ctx, c, 1)[0].At.Sequence, 21)
}

func commandsAgain(t *testing.T, s Subject) {
	ctx := within(t)
	must(t, s.Join(ctx, "eu-1"))
	order(t, s, "eu-1", 3)
	c := channel(t, s, "eu-1")
	got := take(t, ctx, c, 3)
	must(t, got[0].Ack(ctx))
	must(t, got[2].Ack(ctx))
	again := take(t, ctx, c, 1)
	equal(t, "come again", len(again), 1)
	equal(t, "which", again[0].At.Sequence, 2)
	must(t, again[0].Ack(ctx))
	order(t, s, "eu-1", 1)
	equal(t, "then", take(t, ctx, c, 1)[0].At.Sequence, 4)
}

func commandsHandover(t *testing.T, s Subject) {
	ctx := within(t)
	must(t, s.Join(ctx, "eu-1"))
	order(t, s, "eu-1", 2)
	first := channel(t, s, "eu-1")
	must(t, take(t, ctx, first, 2)[0].Ack(ctx))
	first.Close()
	next := channel(t, s, "eu-1")
	equal(t, "left to the next agent", take(t, ctx, next, 1)[0].At.Sequence, 2)
}

func commandsOwn(t *testing.T, s Subject) {
	ctx := within(t)
	order(t, s, "eu-1", 2) // before it joined
	must(t, s.Join(ctx, "eu-1"))
	must(t, s.Join(ctx, "eu-10"))
	order(t, s, "eu-10", 2)
	order(t, s, "eu-1", 1)
	equal(t, "own", take(t, ctx, channel(t, s, "eu-1"), 1)[0].At.Sequence, 5)
	equal(t, "other's", take(t, ctx, channel(t, s, "eu-10"), 2)[0].At.Sequence, 3)
}

func commandsAbsent(t *testing.T, s Subject) {
	ctx := within(t)
	_, err := s.Commands(ctx, "eu-1")
	var absent *stream.NotJoined
	if !errors.As(err, &absent) || absent.Cluster != "eu-1" {
		t.Fatalf("got %v, want NotJoined", err)
	}
	for _, name := range []event.ClusterID{"*", "a.b", ""} {
		if s.Join(ctx, name) == nil {
			t.Fatalf("%q joined", name)
		}
		if _, err := s.Commands(ctx, name); err == nil {
			t.Fatalf("%q has commands", name)
		}
	}
	must(t, s.Join(ctx, "eu-1"))
	must(t, s.Leave(ctx, "eu-1"))
	must(t, s.Leave(ctx, "eu-1")) // it has left
	if _, err := s.Commands(ctx, "eu-1"); !errors.As(err, &absent) {
		t.Fatalf("after it left got %v, want NotJoined", err)
	}
}
