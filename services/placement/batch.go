package placement

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// maxBatch is the number of messages the server takes in one atomic batch.
const maxBatch = 1000

// record is one message of PLACEMENTS, applied to the state but perhaps not yet in
// the log. Its event is final: encoding it later, on another goroutine, gives the
// bytes that encoding it at once would have given.
type record struct {
	event event.Event
	hop   map[string][]string // headers of the span that made it; nil where nobody listens
	size  int                 // the most that its message takes
	msg   *nats.Msg           // nil until the batch was encoded
	head  bool                // a batch may be split before it; false for the commands of the decision before
	// about is the workload of a decision or command; fresh and generation are of
	// decisions alone.
	about      event.WorkloadID
	generation uint64
	fresh      bool
	made       trace.SpanContext // the span that made it, where anybody listens
}

// batch is what one atomic append carries: records that stand in the log side by
// side, beginning at sequence first.
type batch struct {
	first   uint64
	records []*record
	bytes   int   // at most
	full    bool  // something did not fit
	refused error // the log will not take it as it is

	encoding sync.Once
	invalid  error // why a record has no form on the wire
}

// last is the sequence of the last record of b.
func (b *batch) last() uint64 { return b.first + uint64(len(b.records)) - 1 }

func (b *batch) add(r *record) {
	b.records = append(b.records, r)
	b.bytes += r.size
}

// made are the spans that made the records.
func (b *batch) made() []trace.SpanContext {
	var made []trace.SpanContext
	for _, r := range b.records {
		if r.made.IsValid() {
			made = append(made, r.made)
		}
	}
	return made
}

// encode gives every record its message: once, on the goroutine that comes first, while
// any other waits. The loop leaves the records alone from the sending of the batch until
// its outcome.
func (b *batch) encode() {
	b.encoding.Do(func() {
		var enc event.Encoder
		for i := range b.records {
			if b.invalid = b.records[i].encode(&enc); b.invalid != nil {
				return
			}
		}
	})
}

// messages are the records as they go to the log, the same at every call.
func (b *batch) messages() ([]*nats.Msg, error) {
	if b.encode(); b.invalid != nil {
		return nil, b.invalid
	}
	msgs := make([]*nats.Msg, len(b.records))
	for i, r := range b.records {
		msgs[i] = r.msg
	}
	return msgs, nil
}

// encode makes the message of r, unless it has one, and names its span there.
func (r *record) encode(enc *event.Encoder) error {
	if r.msg == nil {
		msg, err := enc.Encode(r.event)
		if err != nil {
			return fmt.Errorf("encode record %d: %w", r.event.At.Sequence, err)
		}
		r.msg = msg
	}
	maps.Copy(r.msg.Header, r.hop)
	return nil
}

// split cuts b in two where its middle decision begins; ok is false when b is one
// decision with its commands, which must stay together.
func (b *batch) split() (left, right *batch, ok bool) {
	at := 0
	for i := 1; i < len(b.records); i++ {
		if b.records[i].head && (at == 0 || i <= len(b.records)/2) {
			at = i
		}
	}
	if at == 0 {
		return nil, nil, false
	}
	left, right = &batch{first: b.first}, &batch{first: b.first + uint64(at)}
	for i, r := range b.records {
		if i < at {
			left.add(r)
		} else {
			right.add(r)
		}
	}
	return left, right, true
}

// sameAs tells whether a message read from the log is r: the same subject, data and
// CloudEvents headers. Headers that the append itself added do not count.
func (r *record) sameAs(m stream.Message) bool {
	if r.msg == nil || m.Subject != r.msg.Subject || !bytes.Equal(m.Data, r.msg.Data) {
		return false
	}
	for name, values := range r.msg.Header {
		if strings.HasPrefix(name, "Nats-") {
			continue
		}
		if got := m.Header[name]; len(got) != len(values) || got[0] != values[0] {
			return false
		}
	}
	return true
}
