package streamtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func appendChain(t *testing.T, s Subject) {
	ctx := within(t)
	a, next := s.Appender(0), 0
	for _, n := range []int{1, 3, 1, 1, 100, 2} {
		first, last, err := a.Append(ctx, records("eu-1", next, n)).Wait(ctx)
		must(t, err)
		equal(t, "first", first, uint64(next+1))
		next += n
		equal(t, "last", last, uint64(next))
	}
	inOrder(t, s, next)
	must(t, a.Err())
}

// inOrder checks that PLACEMENTS holds exactly the records 0 to n-1.
func inOrder(t *testing.T, s Subject, n int) {
	t.Helper()
	got, err := s.Tail(within(t), event.Placements, 1)
	must(t, err)
	equal(t, "records", len(got), n)
	for i, m := range got {
		equal(t, "data", string(m.Data), fmt.Sprint(i))
	}
}

func appendPipelined(t *testing.T, s Subject) {
	ctx := within(t)
	a := fenced(t, ctx, s, "me", 0)
	var all []*stream.Pending
	next := 0
	for i := range 50 {
		n := 1 + i%7
		all = append(all, a.Append(ctx, records("eu-1", next, n)))
		next += n
	}
	last := uint64(1)
	for _, p := range all {
		first, end, err := p.Wait(ctx)
		must(t, err)
		equal(t, "first", first, last+1)
		last = end
	}
	got, err := s.Tail(ctx, event.Placements, 2)
	must(t, err)
	equal(t, "records", len(got), next)
	for i, m := range got {
		equal(t, "data", string(m.Data), fmt.Sprint(i))
	}
}

// fenced begins a writer with its epoch record.
func fenced(t *testing.T, ctx context.Context, s Subject, who string, last uint64) *stream.Appender {
	t.Helper()
	a := s.Appender(last)
	at, _, err := a.Append(ctx, epochRecord(who)).Wait(ctx)
	must(t, err)
	a.Fence(epoch, at)
	return a
}

func isMoved(t *testing.T, err error, behind bool) {
	t.Helper()
	var moved *stream.Moved
	if !errors.As(err, &moved) || moved.Behind != behind {
		t.Fatalf("got %v (%T), want a Moved with Behind %v", err, err, behind)
	}
}

func appendMoved(t *testing.T, s Subject) {
	ctx := within(t)
	_, _, err := s.Appender(0).Append(ctx, records("eu-1", 0, 3)).Wait(ctx)
	must(t, err)
	for _, n := range []int{1, 2} {
		a := s.Appender(2)
		_, _, err = a.Append(ctx, records("eu-1", 7, n)).Wait(ctx)
		isMoved(t, err, false)
		isMoved(t, a.Err(), false)
	}
	inOrder(t, s, 3)
}

func appendBehind(t *testing.T, s Subject) {
	ctx := within(t)
	a := fenced(t, ctx, s, "old", 0)
	fenced(t, ctx, s, "new", 1)
	var all []*stream.Pending
	for i := range 8 {
		all = append(all, a.Append(ctx, records("eu-1", i, 2)))
	}
	_, _, err := all[0].Wait(ctx)
	isMoved(t, err, false)
	for _, p := range all[1:] {
		_, _, err := p.Wait(ctx)
		isMoved(t, err, true)
	}
	got, err := s.Tail(ctx, event.Placements, 1)
	must(t, err)
	equal(t, "log", bodies(got), "old new ")
}

func appendRivals(t *testing.T, s Subject) {
	ctx := within(t)
	one, two := s.Appender(0), s.Appender(0)
	_, _, err := one.Append(ctx, records("eu-1", 0, 2)).Wait(ctx)
	must(t, err)
	_, _, err = two.Append(ctx, records("eu-1", 0, 2)).Wait(ctx)
	isMoved(t, err, false)
	two = s.Appender(2) // has read the tail
	_, _, err = two.Append(ctx, records("eu-1", 2, 2)).Wait(ctx)
	must(t, err)
	_, _, err = one.Append(ctx, records("eu-1", 2, 2)).Wait(ctx)
	isMoved(t, err, false)
	inOrder(t, s, 4)
}

// appendFenced is the case that sequences alone do not catch: the new writer has
// put in exactly as many messages as the old one's batch that failed, so that the
// old one's second batch finds the sequence it expects.
func appendFenced(t *testing.T, s Subject) {
	ctx := within(t)
	old := fenced(t, ctx, s, "old", 0)
	fenced(t, ctx, s, "new", 1)
	first, second := old.Append(ctx, records("eu-1", 0, 1)), old.Append(ctx, records("eu-1", 1, 1))
	_, _, err := first.Wait(ctx)
	isMoved(t, err, false)
	_, _, err = second.Wait(ctx)
	isMoved(t, err, true)
	got, err := s.Tail(ctx, event.Placements, 1)
	must(t, err)
	equal(t, "log", bodies(got), "old new ")
}

func appendAtomic(t *testing.T, s Subject) {
	ctx := within(t)
	a := s.Appender(0)
	batch := records("eu-1", 0, 5)
	batch[3].Header.Set("Nats-Msg-Id", "once")
	_, _, err := a.Append(ctx, batch).Wait(ctx)
	must(t, err)
	again := records("eu-1", 5, 5)
	again[4].Header.Set("Nats-Msg-Id", "once") // the last one is refused
	p := a.Append(ctx, again)
	_, _, err = p.Wait(ctx)
	var refused *stream.Refused
	if !errors.As(err, &refused) || refused.Code == 0 || refused.Text == "" {
		t.Fatalf("got %v, want a Refused with code and text", err)
	}
	if !errors.As(a.Err(), &refused) {
		t.Fatalf("the appender says %v, want the refusal", a.Err())
	}
	_, _, err = a.Append(ctx, records("eu-1", 5, 1)).Wait(ctx)
	isMoved(t, err, true)
	inOrder(t, s, 5)
}

func appendBounds(t *testing.T, s Subject) {
	ctx := within(t)
	a := s.Appender(0)
	for _, n := range []int{0, 1001} {
		if _, _, err := a.Append(ctx, records("eu-1", 0, n)).Wait(ctx); err == nil {
			t.Fatalf("a batch of %d got in", n)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	p := a.Append(gone, records("eu-1", 0, 1))
	<-p.Done()
	if _, last, err := p.Wait(ctx); err == nil {
		equal(t, "last", last, 1) // sent before the context was looked at
	} else if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	must(t, a.Err())
}

// appendAgain sends the same messages twice, the second time in other batches: what
// the first attempt wrote into their headers must not show.
func appendAgain(t *testing.T, s Subject) {
	ctx := within(t)
	all := records("eu-1", 0, 6)
	_, _, err := s.Appender(9).Append(ctx, all).Wait(ctx)
	isMoved(t, err, false)
	a := s.Appender(0)
	for _, part := range [][2]int{{0, 1}, {1, 4}, {4, 6}} {
		_, _, err := a.Append(ctx, all[part[0]:part[1]]).Wait(ctx)
		must(t, err)
	}
	inOrder(t, s, 6)
}

// appendReused sends the same messages again while they are in flight, as a leader
// does that keeps its buffers.
func appendReused(t *testing.T, s Subject) {
	ctx := within(t)
	a := fenced(t, ctx, s, "me", 0)
	batch := records("eu-1", 0, 3)
	var all []*stream.Pending
	for range 20 {
		all = append(all, a.Append(ctx, batch))
	}
	for i, p := range all {
		first, last, err := p.Wait(ctx)
		must(t, err)
		equal(t, "first", first, uint64(2+3*i))
		equal(t, "last", last, uint64(4+3*i))
	}
}

// appendFenceGone: a writer whose epoch record was purged may find nothing let in (the
// fence is not checked where one batch is in flight at a time), and mends it with a
// new record.
func appendFenceGone(t *testing.T, s Subject) {
	ctx := within(t)
	a := fenced(t, ctx, s, "me", 0)
	s.Purge(event.Placements, 1)
	last := uint64(1)
	if _, at, err := a.Append(ctx, records("eu-1", 0, 1)).Wait(ctx); err == nil {
		last = at
	} else {
		isMoved(t, err, false)
	}
	a = fenced(t, ctx, s, "me", last)
	_, end, err := a.Append(ctx, records("eu-1", 0, 1)).Wait(ctx)
	must(t, err)
	equal(t, "last", end, last+2)
}
