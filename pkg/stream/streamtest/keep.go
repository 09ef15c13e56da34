package streamtest

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func checkpoint(placements uint64) stream.Checkpoint {
	c := stream.Checkpoint{
		State:      bytes.Repeat([]byte{byte(placements), '\n', 0}, 100_000),
		Placements: placements,
		Positions:  event.Positions{Intents: placements + 1, Status: placements + 2, Capacity: placements + 3},
		Streams:    map[event.Stream]string{event.Intents: "one", event.Placements: "two"},
	}
	c.Digest[0], c.Digest[31] = 1, byte(placements)
	return c
}

func checkpointsNewest(t *testing.T, s Subject) {
	ctx := within(t)
	for range s.Checkpoints(ctx) {
		t.Fatal("a checkpoint out of nothing")
	}
	for _, at := range []uint64{9, 10, 100, 11, 100} { // neither in order nor once
		must(t, s.SaveCheckpoint(ctx, checkpoint(at)))
	}
	var got []uint64
	for c, err := range s.Checkpoints(ctx) {
		must(t, err)
		want := checkpoint(c.Placements)
		if !bytes.Equal(c.State, want.State) || c.Digest != want.Digest || c.Positions != want.Positions ||
			c.Streams[event.Placements] != "two" || len(c.Streams) != 2 {
			t.Fatalf("checkpoint %d is not as it was saved", c.Placements)
		}
		got = append(got, c.Placements)
	}
	equal(t, "kept", len(got), Checkpoints)
	equal(t, "newest", got[0], 100)
	equal(t, "next", got[1], 11)
	equal(t, "oldest", got[2], 10)
}

func checkpointsDamaged(t *testing.T, s Subject) {
	ctx := within(t)
	for _, at := range []uint64{1, 2, 3} {
		must(t, s.SaveCheckpoint(ctx, checkpoint(at)))
	}
	equal(t, "there is one to damage", s.Damage(3), true)
	var good []uint64
	var bad []error
	for c, err := range s.Checkpoints(ctx) {
		if err != nil {
			bad = append(bad, err)
			continue
		}
		good = append(good, c.Placements)
	}
	var damaged *stream.Damaged
	if len(bad) != 1 || !errors.As(bad[0], &damaged) || !strings.HasSuffix(damaged.Name, "3") {
		t.Fatalf("got %v, want one Damaged that names it", bad)
	}
	equal(t, "good ones", len(good), 2)
	equal(t, "newest good one", good[0], 2)
}

// bad stores what cannot be decoded and gives it as read.
func bad(t *testing.T, s Subject, subject string, data []byte) stream.Message {
	t.Helper()
	ctx := within(t)
	must(t, s.Store(subject, data))
	state, err := s.State(ctx, event.Intents)
	must(t, err)
	got, err := s.Tail(ctx, event.Intents, state.Last)
	must(t, err)
	return got[0]
}

func letters(t *testing.T, s Subject) []stream.Letter {
	t.Helper()
	var all []stream.Letter
	for l, err := range s.Letters(within(t)) {
		must(t, err)
		all = append(all, l)
	}
	return all
}

const garbageSubject = "fairlead.intents.tenant.shop.workload.submitted"

func lettersOnce(t *testing.T, s Subject) {
	ctx := within(t)
	equal(t, "letters at first", len(letters(t, s)), 0)
	one, two := bad(t, s, garbageSubject, []byte("one")), bad(t, s, garbageSubject, []byte("two"))
	for range 2 {
		must(t, s.DeadLetter(ctx, one, "bad-data: no JSON"))
	}
	must(t, s.DeadLetter(ctx, two, "unknown-type"))
	all := letters(t, s)
	equal(t, "letters", len(all), 2)
	equal(t, "reason", all[0].Reason, "bad-data")
	equal(t, "detail", all[0].Detail, "no JSON")
	equal(t, "subject", all[0].Subject, garbageSubject)
	equal(t, "sequence", all[0].At.Sequence, one.At.Sequence)
	equal(t, "stream", all[0].At.Stream, event.Intents)
	equal(t, "stored", all[0].At.Stored.Equal(one.At.Stored), true)
	equal(t, "whole", all[0].Whole, true)
	counts, err := s.LetterCounts(ctx)
	must(t, err)
	equal(t, "counted", counts["bad-data"], 1)
	equal(t, "counted", counts["unknown-type"], 1)
}

func lettersWhole(t *testing.T, s Subject) {
	ctx := within(t)
	m := bad(t, s, garbageSubject, []byte("one"))
	m.Header = nats.Header{
		"Ce-Type": {"odd"}, "ce-id": {"x", "y"}, "Nats-Msg-Id": {"id"},
		"Nats-Expected-Last-Sequence": {"1"}, "Nats-Rollup": {"all"},
	}
	must(t, s.DeadLetter(ctx, m, "bad-envelope"))
	letter, got, err := s.Letter(ctx, letters(t, s)[0].Number)
	must(t, err)
	equal(t, "reason", letter.Reason, "bad-envelope")
	equal(t, "data", string(got.Data), "one")
	equal(t, "subject", got.Subject, m.Subject)
	equal(t, "headers", len(got.Header), len(m.Header))
	equal(t, "header", strings.Join(got.Header["ce-id"], ","), "x,y")
	equal(t, "header", got.Header.Get("Nats-Msg-Id"), "id")
	if _, _, err := s.Letter(ctx, 99); !errors.As(err, new(*stream.Absent)) {
		t.Fatalf("got %v, want Absent", err)
	}
}

func lettersReplay(t *testing.T, s Subject) {
	ctx := within(t)
	m := bad(t, s, garbageSubject, []byte("one"))
	m.Header = nats.Header{"Ce-Type": {"odd"}, "Nats-Msg-Id": {"id"}, "Nats-Expected-Last-Sequence": {"77"}}
	must(t, s.DeadLetter(ctx, m, "bad-data"))
	number := letters(t, s)[0].Number
	seq, err := s.Replay(ctx, number)
	must(t, err)
	equal(t, "sequence", seq, m.At.Sequence+1)
	got, err := s.Tail(ctx, event.Intents, seq)
	must(t, err)
	equal(t, "data", string(got[0].Data), "one")
	equal(t, "subject", got[0].Subject, m.Subject)
	equal(t, "header", got[0].Header.Get("Ce-Type"), "odd")

	all := letters(t, s)
	equal(t, "letters", len(all), 1)
	equal(t, "replayed", all[0].Replayed, seq)
	again, err := s.Replay(ctx, all[0].Number)
	must(t, err)
	equal(t, "replayed once", again, seq)
	must(t, s.DeadLetter(ctx, m, "bad-data")) // read again after a restart
	equal(t, "still marked", letters(t, s)[0].Replayed, seq)
	counts, err := s.LetterCounts(ctx)
	must(t, err)
	equal(t, "no longer counted", len(counts), 0)
}

func lettersRemoved(t *testing.T, s Subject) {
	ctx := within(t)
	one, two := bad(t, s, garbageSubject, []byte("one")), bad(t, s, garbageSubject, []byte("two"))
	must(t, s.DeadLetter(ctx, one, "bad-data"))
	must(t, s.DeadLetter(ctx, two, "bad-data"))
	number := letters(t, s)[0].Number
	must(t, s.RemoveLetter(ctx, number))
	all := letters(t, s)
	equal(t, "letters", len(all), 1)
	equal(t, "the other stays", all[0].At.Sequence, two.At.Sequence)
	counts, err := s.LetterCounts(ctx)
	must(t, err)
	equal(t, "counted", counts["bad-data"], 1)
	for range 2 {
		if err := s.RemoveLetter(ctx, number); !errors.As(err, new(*stream.Absent)) {
			t.Fatalf("got %v, want Absent", err)
		}
	}
	must(t, s.DeadLetter(ctx, one, "bad-data")) // read again by a new leader
	equal(t, "letters", len(letters(t, s)), 2)
}

// lettersHostile holds what a publisher may try: to have the store obey headers
// through the letter, to break the listing, to write a record that no letter fits.
func lettersHostile(t *testing.T, s Subject) {
	ctx := within(t)
	m := bad(t, s, garbageSubject, []byte("one"))
	m.Header = nats.Header{}
	for range 100_000 {
		m.Header["a"] = append(m.Header["a"], "12345")
	}
	must(t, s.DeadLetter(ctx, m, "bad-envelope: a\r\nNats-Rollup: all\x1b[2J"+strings.Repeat("é", 4000)))
	all := letters(t, s)
	equal(t, "letters", len(all), 1)
	equal(t, "whole", all[0].Whole, false)
	if strings.ContainsAny(all[0].Detail, "\r\n\x1b") || len(all[0].Detail) > 2000 {
		t.Fatalf("detail %q", all[0].Detail)
	}
	if _, err := s.Replay(ctx, all[0].Number); err == nil {
		t.Fatal("a part of a record was replayed")
	}
	placed := m
	placed.At.Stream, placed.Subject, placed.Header = event.Placements, epoch, nil
	must(t, s.DeadLetter(ctx, placed, "bad-data"))
	if _, err := s.Replay(ctx, letters(t, s)[1].Number); err == nil {
		t.Fatal("something was replayed into PLACEMENTS")
	}
}
