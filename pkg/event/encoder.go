package event

import (
	"bytes"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Encoder encodes events whose messages are kept and dropped together, as those of one
// append are: what they consist of lies in a few large pieces, which stay for as long as
// one of the messages does. It gives the bytes that Encode gives. The zero value is
// ready; a nil one makes every message on its own. It is for one goroutine.
type Encoder struct {
	bodies   []byte
	texts    strings.Builder // only ever grows: what was cut from it stands
	values   []string
	messages []nats.Msg

	pieces int // messages that the pieces were made for last

	at   time.Time // whose text is stamp
	text string
}

// Pieces are made for more messages each time, up to so many that they are still small
// objects to the allocator; a message takes about as much of each.
const (
	fewest, most = 4, 32
	bodyEach     = 512
	textEach     = 128
	valuesEach   = 12
)

// Encode is the function Encode.
func (enc *Encoder) Encode(e Event) (*nats.Msg, error) { return enc.encode("", e) }

// message gives an empty message.
func (enc *Encoder) message() *nats.Msg {
	if enc == nil {
		return new(nats.Msg)
	}
	if len(enc.messages) == 0 {
		enc.pieces = min(max(fewest, 2*enc.pieces), most)
		enc.messages = make([]nats.Msg, enc.pieces)
	}
	m := &enc.messages[0]
	enc.messages = enc.messages[1:]
	return m
}

// body gives a copy of b.
func (enc *Encoder) body(b []byte) []byte {
	if enc == nil {
		return bytes.Clone(b)
	}
	if cap(enc.bodies)-len(enc.bodies) < len(b) {
		enc.bodies = make([]byte, 0, max(enc.pieces*bodyEach, len(b)))
	}
	from := len(enc.bodies)
	enc.bodies = append(enc.bodies, b...)
	return enc.bodies[from:len(enc.bodies):len(enc.bodies)]
}

// list gives an empty list with room for so many values.
func (enc *Encoder) list(count int) []string {
	if enc == nil {
		return make([]string, 0, count)
	}
	if len(enc.values) < count {
		enc.values = make([]string, max(enc.pieces*valuesEach, count))
	}
	out := enc.values[:0:count]
	enc.values = enc.values[count:]
	return out
}

// join gives the text of some parts one behind the other.
func (enc *Encoder) join(parts ...string) string {
	if enc == nil {
		return strings.Join(parts, "")
	}
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	if enc.texts.Cap()-enc.texts.Len() < size {
		enc.texts = strings.Builder{}
		enc.texts.Grow(max(enc.pieces*textEach, size))
	}
	from := enc.texts.Len()
	for _, p := range parts {
		enc.texts.WriteString(p)
	}
	return enc.texts.String()[from:]
}

// stamp is a time as the envelope writes it; records that stand side by side often share
// one.
func (enc *Encoder) stamp(t time.Time) string {
	if enc == nil {
		return t.UTC().Format(time.RFC3339Nano)
	}
	if enc.text == "" || t != enc.at {
		enc.at, enc.text = t, t.UTC().Format(time.RFC3339Nano)
	}
	return enc.text
}
