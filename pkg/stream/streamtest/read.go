package streamtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func publish(t *testing.T, s Subject, count int) {
	t.Helper()
	ctx := within(t)
	for i := range count {
		cluster := event.ClusterID(fmt.Sprintf("c-%d", i%3))
		_, err := s.Publish(ctx, cordon(cluster, fmt.Sprint(i)))
		must(t, err)
	}
}

func readFrom(t *testing.T, s Subject) {
	publish(t, s, 6)
	ctx := within(t)
	for _, c := range []struct {
		from  uint64
		first uint64
		count int
	}{{0, 1, 6}, {1, 1, 6}, {4, 4, 3}, {6, 6, 1}} {
		r, err := s.Read(ctx, event.Intents, c.from)
		must(t, err)
		got := collect(t, ctx, r, c.count)
		r.Close()
		for i, m := range got {
			e, err := m.Event()
			must(t, err)
			equal(t, "sequence", e.At.Sequence, c.first+uint64(i))
			equal(t, "id", e.ID, fmt.Sprint(int(c.first)-1+i))
			equal(t, "stream", m.At.Stream, event.Intents)
			if m.At.Stored.IsZero() {
				t.Fatal("no store time")
			}
		}
	}
}

func readWaits(t *testing.T, s Subject) {
	ctx := within(t)
	r, err := s.Read(ctx, event.Intents, 1)
	must(t, err)
	defer r.Close()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := r.Next(gone); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	type result struct {
		got []stream.Message
		err error
	}
	came := make(chan result)
	go func() {
		got, err := r.Next(ctx)
		came <- result{got, err}
	}()
	publish(t, s, 1)
	res := <-came
	must(t, res.err)
	equal(t, "records", len(res.got), 1)
}

func readFiltered(t *testing.T, s Subject) {
	publish(t, s, 9)
	ctx := within(t)
	r, err := s.Read(ctx, event.Intents, 2,
		event.FilterCluster(event.Intents, "c-0", ">"), event.FilterCluster(event.Intents, "c-2", ">"))
	must(t, err)
	defer r.Close()
	var ids string
	for _, m := range collect(t, ctx, r, 5) {
		e, err := m.Event()
		must(t, err)
		ids += e.ID + " "
	}
	equal(t, "ids", ids, "2 3 5 6 8 ")
}

func readBatches(t *testing.T, s Subject) {
	ctx := within(t)
	a := s.Appender(0)
	for i := range 5 {
		_, _, err := a.Append(ctx, records("eu-1", i*1000, 1000)).Wait(ctx)
		must(t, err)
	}
	r, err := s.Read(ctx, event.Placements, 1)
	must(t, err)
	defer r.Close()
	for i, m := range collect(t, ctx, r, 5000) {
		equal(t, "data", string(m.Data), fmt.Sprint(i))
	}
}

func readGap(t *testing.T, s Subject) {
	publish(t, s, 6)
	s.Purge(event.Intents, 4)
	ctx := within(t)
	_, err := s.Read(ctx, event.Intents, 2)
	var gap *stream.Gap
	if !errors.As(err, &gap) || gap.From != 2 || gap.To != 4 {
		t.Fatalf("got %v, want the gap of 2 to 4", err)
	}
	r, err := s.Read(ctx, event.Intents, 0)
	must(t, err)
	equal(t, "oldest kept", collect(t, ctx, r, 2)[0].At.Sequence, 5)
	r.Close()
	s.Purge(event.Intents, 6)
	state, err := s.State(ctx, event.Intents)
	must(t, err)
	equal(t, "first of nothing", state.First, 7)
	equal(t, "last of nothing", state.Last, 6)
}

func readBeyond(t *testing.T, s Subject) {
	publish(t, s, 2)
	ctx := within(t)
	r, err := s.Read(ctx, event.Intents, 3)
	must(t, err) // the next to come
	r.Close()
	_, err = s.Read(ctx, event.Intents, 5)
	var back *stream.RolledBack
	if !errors.As(err, &back) || back.Known != 4 || back.Last != 2 {
		t.Fatalf("got %v, want a roll-back from 4 to 2", err)
	}
}

func readRecreated(t *testing.T, s Subject) {
	publish(t, s, 2)
	ctx := within(t)
	before, err := s.State(ctx, event.Intents)
	must(t, err)
	must(t, s.Expect(ctx, event.Intents, before.Incarnation, 2))
	var back *stream.RolledBack
	if err := s.Expect(ctx, event.Intents, before.Incarnation, 3); !errors.As(err, &back) {
		t.Fatalf("got %v, want a roll-back", err)
	}
	s.Recreate(event.Intents)
	publish(t, s, 3)
	var other *stream.Incarnation
	if err := s.Expect(ctx, event.Intents, before.Incarnation, 2); !errors.As(err, &other) || other.Known != before.Incarnation {
		t.Fatalf("got %v, want another incarnation", err)
	}
}

func tail(t *testing.T, s Subject) {
	publish(t, s, 5)
	ctx := within(t)
	got, err := s.Tail(ctx, event.Intents, 4)
	must(t, err)
	equal(t, "records", len(got), 2)
	equal(t, "first", got[0].At.Sequence, 4)
	got, err = s.Tail(ctx, event.Intents, 6)
	must(t, err)
	equal(t, "records beyond the end", len(got), 0)
	got, err = s.Tail(ctx, event.Intents, 0)
	must(t, err)
	equal(t, "records in all", len(got), 5)
	got, err = s.Tail(ctx, event.Status, 0)
	must(t, err)
	equal(t, "records of an empty stream", len(got), 0)
	s.Purge(event.Intents, 5)
	got, err = s.Tail(ctx, event.Intents, 0)
	must(t, err)
	equal(t, "records of a purged stream", len(got), 0)
	if _, err := s.Tail(ctx, event.Intents, 5); !errors.As(err, new(*stream.Gap)) {
		t.Fatalf("got %v, want a gap", err)
	}
}

// stateAfterPurge: First and Last tell where the stream goes on, whatever is kept.
func stateAfterPurge(t *testing.T, s Subject) {
	ctx := within(t)
	for _, c := range []struct {
		what                  string
		publish               int
		through               uint64
		first, last, messages uint64
	}{
		{"nothing of nothing", 0, 0, 1, 0, 0},
		{"nothing", 5, 0, 1, 5, 5},
		{"some", 0, 3, 4, 5, 2},
		{"what is gone", 0, 2, 4, 5, 2},
		{"all", 0, 5, 6, 5, 0},
		{"all again", 0, 5, 6, 5, 0},
		{"beyond the end of nothing", 0, 8, 9, 8, 0},
		{"some of what came since", 2, 9, 10, 10, 1},
		{"beyond the end", 0, 12, 13, 12, 0},
	} {
		for i := range c.publish {
			_, err := s.Publish(ctx, cordon("eu-1", fmt.Sprint(c.what, i)))
			must(t, err)
		}
		s.Purge(event.Intents, c.through)
		state, err := s.State(ctx, event.Intents)
		must(t, err)
		equal(t, c.what+": first", state.First, c.first)
		equal(t, c.what+": last", state.Last, c.last)
		equal(t, c.what+": messages", state.Messages, c.messages)
		equal(t, c.what+": bytes kept", state.Bytes > 0, c.messages > 0)
		equal(t, c.what+": stored", state.Stored.IsZero(), c.messages == 0)
	}
}
