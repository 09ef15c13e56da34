package stream

import (
	"bytes"
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
)

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		filter, subject string
		want            bool
	}{
		{"a.b.c", "a.b.c", true},
		{"a.b", "a.b.c", false},
		{"a.b.c", "a.b", false},
		{"a.*.c", "a.b.c", true},
		{"a.*.c", "a.b.d", false},
		{"a.*", "a.b.c", false},
		{"a.>", "a.b.c", true},
		{"a.>", "a", false},
		{">", "a", true},
		{"a.eu-1.>", "a.eu-10.b", false},
	} {
		if got := covers(c.filter, c.subject); got != c.want {
			t.Errorf("%s covers %s: %v", c.filter, c.subject, got)
		}
	}
}

func TestOptions(t *testing.T) {
	if err := (Options{}).Validate(); err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	if n := (Options{Replicas: 3, InFlight: 8}).withDefaults().InFlight; n != 1 {
		t.Fatalf("%d batches in flight with three replicas, which cannot check their fence", n)
	}
	for _, o := range []Options{
		{Replicas: 2}, {Replicas: -1}, {Scale: -1}, {InFlight: 17}, {InFlight: -1},
		{AsyncPending: -1}, {AckPending: -1}, {Checkpoints: -1},
	} {
		if o.Validate() == nil {
			t.Errorf("%+v is valid", o)
		}
	}
}

// TestTopology: what PLACEMENTS must not allow, and what every stream must limit.
func TestTopology(t *testing.T) {
	for _, replicas := range []int{1, 3} {
		for _, p := range topology {
			c := p.config(Options{Replicas: replicas}.withDefaults())
			if c.MaxConsumers <= 0 || c.MaxAge <= 0 || c.MaxBytes <= 0 || c.Duplicates <= 0 {
				t.Errorf("%s has no limits: %+v", c.Name, c)
			}
			if c.AllowMsgTTL || c.AllowRollup || len(c.Sources) > 0 || c.SubjectDeleteMarkerTTL > 0 {
				t.Errorf("%s lets records vanish: %+v", c.Name, c)
			}
			late := c.PersistMode == jetstream.AsyncPersistMode
			if want := replicas == 1 && (p.stream == event.Capacity || p.stream == event.Status); late != want {
				t.Errorf("%s with %d replicas is persisted late: %v", c.Name, replicas, late)
			}
			if c.AllowAtomicPublish != (p.stream == event.Placements || p.stream == event.Intents) {
				t.Errorf("%s takes batches: %v", c.Name, c.AllowAtomicPublish)
			}
		}
	}
}

// TestCheckpointRoundTrip: what is sealed is unsealed, and a change or a cut never
// makes another checkpoint of it.
func TestCheckpointRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Checkpoint{
			State:      rapid.SliceOf(rapid.Byte()).Draw(t, "state"),
			Placements: rapid.Uint64().Draw(t, "placements"),
			Positions:  event.Positions{Intents: rapid.Uint64().Draw(t, "intents")},
			Streams:    map[event.Stream]string{event.Intents: rapid.String().Draw(t, "incarnation")},
		}
		copy(c.Digest[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		body, err := c.seal()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := unseal("x", body); err != nil || !sameCheckpoint(got, c) {
			t.Fatalf("got %+v, %v", got, err)
		}
		i := rapid.IntRange(0, len(body)-1).Draw(t, "place")
		cut := body[:i]
		changed := bytes.Clone(body)
		changed[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		for _, bad := range [][]byte{cut, changed} {
			// The last bits of a base64 text, or the end of the first line, may change
			// and mean the same.
			got, err := unseal("x", bad)
			if err == nil && !sameCheckpoint(got, c) || err != nil && !errors.As(err, new(*Damaged)) {
				t.Fatalf("%q gives %+v, %v", bad, got, err)
			}
		}
		if len(c.State) > 0 {
			changed := bytes.Clone(body)
			changed[len(changed)-1] ^= 1
			if _, err := unseal("x", changed); err == nil {
				t.Fatal("a change in the state is not noticed")
			}
		}
	})
}

func sameCheckpoint(a, b Checkpoint) bool {
	return bytes.Equal(a.State, b.State) && a.Digest == b.Digest && a.Placements == b.Placements &&
		a.Positions == b.Positions && maps.Equal(a.Streams, b.Streams)
}

// TestLetterRoundTrip: whatever a record says, its letter says the same again, and
// nothing of it is a header that the store obeys.
func TestLetterRoundTrip(t *testing.T) {
	name := rapid.StringMatching(`[A-Za-z][-A-Za-z0-9]{0,20}`)
	rapid.Check(t, func(t *rapid.T) {
		m := Message{
			Subject: "fairlead.intents.tenant.shop.workload.submitted",
			Header:  nats.Header{"Nats-Rollup": {"all"}, "nats-ttl": {"1s"}},
			Data:    rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
			At:      event.At{Stream: event.Intents, Sequence: rapid.Uint64Min(1).Draw(t, "sequence"), Stored: time.Unix(1, 5).UTC()},
		}
		for key, value := range rapid.MapOf(name, rapid.String()).Draw(t, "headers") {
			m.Header[key] = []string{value}
		}
		kept := letterOf(m, "i1", rapid.String().Draw(t, "reason"), 1<<20)
		for header := range kept.Header {
			if strings.HasPrefix(strings.ToLower(header), "nats-") {
				t.Fatalf("the store would obey %s", header)
			}
		}
		stored := Message{Subject: kept.Subject, Header: kept.Header, Data: kept.Data, At: event.At{Stream: DeadLetters, Sequence: 7}}
		letter, err := readLetter(stored)
		if err != nil || letter.At != m.At || letter.Incarnation != "i1" || letter.Number != 7 || !letter.Whole {
			t.Fatalf("letter %+v, %v", letter, err)
		}
		got := letter.record(stored)
		if !bytes.Equal(got.Data, m.Data) || got.Subject != m.Subject || len(got.Header) != len(m.Header) {
			t.Fatalf("record %+v, want %+v", got, m)
		}
	})
}

// TestAppenderMayBeTold in any order and more than once, as a lost connection does:
// every batch is settled once, and nothing behind a failure counts as stored.
func TestAppenderMayBeTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 4).Draw(t, "batches")
		a := newAppender(0, count, 1<<20)
		a.Fence("epoch", 0)
		var sent []batch
		a.send = func(b batch) error { sent = append(sent, b); return nil }
		var all []*Pending
		for range count {
			all = append(all, a.Append(t.Context(), []*nats.Msg{nats.NewMsg("fairlead.placements.x")}))
		}
		failed := false
		for _, i := range rapid.Permutation(seq(count)).Draw(t, "order") {
			var err error
			if rapid.Bool().Draw(t, "fails") {
				err, failed = errors.New("connection lost"), true
			}
			sent[i].told(uint64(i+1), err)
			sent[i].told(uint64(i+1), errors.New("told twice"))
		}
		for i, p := range all {
			first, last, err := p.Wait(t.Context())
			if err == nil && (first != uint64(i+1) || last != first) {
				t.Fatalf("batch %d stands at %d to %d", i, first, last)
			}
		}
		if (a.Err() != nil) != failed {
			t.Fatalf("failed %v, the appender says %v", failed, a.Err())
		}
	})
}

func seq(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i)
	}
	return all
}

// How near a stream is to its limits, and what that does.
func TestStrain(t *testing.T) {
	at := func(kept time.Duration, bytes uint64, b Bounds) StreamState {
		end := time.Unix(1_700_000_000, 0)
		return StreamState{Bytes: bytes, Messages: bytes / 100, Oldest: end.Add(-kept), Stored: end, Bounds: b}
	}
	const mib = 1 << 20
	for name, c := range map[string]struct {
		state StreamState
		want  Strain
		why   string
	}{
		"empty":                         {StreamState{Bounds: Bounds{Bytes: mib}}, Easy, ""},
		"no limit":                      {at(time.Hour, mib, Bounds{}), Easy, ""},
		"far from it":                   {at(time.Hour, mib, Bounds{Bytes: 2 * mib}), Easy, ""},
		"old, and full all the time":    {at(100*time.Hour, 2*mib, Bounds{Bytes: 2 * mib, Age: 720 * time.Hour}), Easy, ""},
		"full, reaches back its age":    {at(time.Hour, 2*mib, Bounds{Bytes: 2 * mib, Age: time.Hour}), Easy, ""},
		"reaches back for hours":        {at(8*time.Hour, 8*mib, Bounds{Bytes: 10 * mib, Age: 720 * time.Hour}), Tight, "reaches back only 10h0m0s of the 720h0m0s"},
		"refuses soon":                  {at(100*time.Hour, 8*mib, Bounds{Bytes: 10 * mib, Refuses: true}), Tight, "80% full, and it refuses what is written once it is full"},
		"refuses":                       {at(100*time.Hour, 10*mib-100, Bounds{Bytes: 10 * mib, Refuses: true}), Full, "99% full, and it refuses what is written:"},
		"refuses by number of messages": {at(100*time.Hour, 10_000, Bounds{Messages: 100, Refuses: true}), Full, "100% full"},
	} {
		if got, why := c.state.Strain(); got != c.want || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
			t.Errorf("%s: %v %q, want %v %q", name, got, why, c.want, c.why)
		}
	}
}

// What a store says when it has no room is told from other refusals.
func TestFull(t *testing.T) {
	for text, full := range map[string]bool{
		"10077 maximum bytes exceeded": true, "10077 maximum messages exceeded": true, "10077 no space left on device": true,
		"10047 insufficient storage resources available": true, "10023 insufficient resources": true, "10002 resource limits exceeded for account": true,
		"10077 message not found": false, "10054 message size exceeds maximum allowed": false, "10071 wrong last sequence": false,
	} {
		code, words, _ := strings.Cut(text, " ")
		n, _ := strconv.Atoi(code)
		if e := (&Refused{Stream: "INTENTS", Code: uint16(n), Text: words}); e.Full() != full || strings.Contains(e.Error(), "is full") != full {
			t.Errorf("%s: full %v: %v", text, e.Full(), e)
		}
	}
}
