package placement

import (
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// However many messages are decoded at a time, they stay in order, and what is no event
// is a letter of its own.
func TestManyAreHeardInOrder(t *testing.T) {
	for _, n := range []int{0, 1, partSize, partSize + 1, 10*partSize - 1} {
		var messages []stream.Message
		for i := range n {
			m := submission(t, uint64(i)+1)
			if i%7 == 3 {
				m.Data = []byte("{")
			}
			messages = append(messages, m)
		}
		got, dead := sift(event.Intents, hear(messages, nil))
		if len(got.events)+len(dead) != n || len(dead) != (n+3)/7 || got.through != uint64(n) {
			t.Fatalf("%d messages: %d events, %d letters, through %d", n, len(got.events), len(dead), got.through)
		}
		last := uint64(0)
		for _, f := range got.events {
			if f.At.Sequence <= last || f.ID != submissionID(f.At.Sequence) {
				t.Fatalf("%s at %d follows %d", f.ID, f.At.Sequence, last)
			}
			last = f.At.Sequence
		}
	}
}
