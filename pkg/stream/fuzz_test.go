package stream

import (
	"errors"
	"testing"

	"fairlead.dev/pkg/event"
)

// FuzzUnseal: bytes are a checkpoint as it was sealed, or damaged.
func FuzzUnseal(f *testing.F) {
	sealed, err := Checkpoint{State: []byte("state"), Placements: 7, Streams: map[event.Stream]string{event.Intents: "x"}}.seal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"format":1,"digest":""}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := unseal("x", body)
		if err != nil {
			if !errors.As(err, new(*Damaged)) {
				t.Errorf("%v is no damage", err)
			}
			return
		}
		again, err := c.seal()
		if err != nil {
			t.Fatal(err)
		}
		if d, err := unseal("x", again); err != nil || string(d.State) != string(c.State) || d.Placements != c.Placements {
			t.Errorf("%+v comes back as %+v, %v", c, d, err)
		}
	})
}

// FuzzLetter: any record fits into a letter and comes out as it was, and any message reads
// as a letter or is refused.
func FuzzLetter(f *testing.F) {
	f.Add("fairlead.status.cluster.eu-1.workload.status.reported", "Ce-Id", "1", []byte("{}"), "bad-data: no cluster")
	f.Add("x", "Nats-Rollup", "all", []byte{}, "")
	f.Add("\x00", "a:b", "\x1b[2J", []byte("x"), "\x1b]0;x")
	f.Fuzz(func(t *testing.T, subject, name, value string, data []byte, reason string) {
		m := Message{Subject: subject, Header: map[string][]string{name: {value}}, Data: data, At: event.At{Stream: event.Status, Sequence: 9}}
		kept := letterOf(m, "abc", reason, maxMessage)
		for _, h := range []string{letterReason, letterDetail, letterSubject} {
			if v := kept.Header.Get(h); v != printable(v) {
				t.Errorf("%s: %q", h, v)
			}
		}
		letter, err := readLetter(Message{Subject: kept.Subject, Header: kept.Header, Data: kept.Data, At: event.At{Stream: DeadLetters, Sequence: 1}})
		if err != nil || letter.At != (event.At{Stream: event.Status, Sequence: 9, Stored: letter.At.Stored}) {
			t.Fatalf("%+v, %v", letter, err)
		}
		record := letter.record(Message{Header: kept.Header, Data: kept.Data})
		if got := record.Header[name]; letter.Whole && (len(got) != 1 || got[0] != value || string(record.Data) != string(data)) {
			t.Errorf("%q: %q came out as %q", name, value, got)
		}
		if _, err := readLetter(m); err == nil && subject != kept.Subject {
			t.Log("a message that looks like a letter") // nobody but placement may write one
		}
	})
}
