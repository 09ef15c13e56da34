package event

import (
	"cmp"

	"github.com/nats-io/nats.go"
)

// Encode gives the message of an event, in the content mode of the catalog and
// with its subject. The headers of the transport, Nats-Msg-Id among them, are for
// package stream to set. The same event gives the same bytes.
//
// The error is an *Invalid: an event that Decode would refuse is not encoded.
func Encode(e Event) (*nats.Msg, error) { return EncodeAs("", e) }

// EncodeAs is Encode in a mode of the caller's choice, for readers elsewhere who
// want the whole event in the body; "" is the catalog's mode.
func EncodeAs(mode Mode, e Event) (*nats.Msg, error) { return (*Encoder)(nil).encode(mode, e) }

func (enc *Encoder) encode(mode Mode, e Event) (*nats.Msg, error) {
	if e.Data == nil {
		return nil, invalid(BadData, "no data")
	}
	row, ok := byType[e.Type()]
	if !ok {
		return nil, invalid(UnknownType, "%q", e.Type())
	}
	if bad := check(e, row); bad != nil {
		return nil, bad
	}
	msg, bad := enc.write(e, row, cmp.Or(mode, row.Mode))
	if bad != nil {
		return nil, bad
	}
	msg.Subject = enc.join(row.before, e.Data.ScopeName(), row.after)
	return msg, nil
}

// check refuses what may not be said, or not by this source.
func check(e Event, row *Entry) *Invalid {
	if err := e.Data.Validate(); err != nil {
		return invalid(BadData, "%s: %v", row.Name, err)
	}
	return checkSource(row, e.Source, e.Data)
}

// write gives the message but for its subject.
func (enc *Encoder) write(e Event, row *Entry, mode Mode) (*nats.Msg, *Invalid) {
	if o, ok := enc.asOrdinary(e, row); ok {
		msg, err := o.message(mode, e.Data, enc)
		if err != nil {
			return nil, invalid(BadData, "%s: %v", row.Name, err)
		}
		return msg, checkTotal(o.headers + len(msg.Data))
	}
	data, err := marshalData(e.Data)
	if err != nil {
		return nil, invalid(BadData, "%s: %v", row.Name, err)
	}
	return seal(e, row, data, mode)
}

// seal puts the envelope of the SDK round the data.
func seal(e Event, row *Entry, data []byte, mode Mode) (*nats.Msg, *Invalid) {
	env, err := enclose(e, data)
	if err != nil {
		return nil, invalid(BadEnvelope, "%s %q: %v", row.Name, e.ID, err)
	}
	msg, err := env.message(mode)
	if err != nil {
		return nil, invalid(BadEnvelope, "%s %q: %v", row.Name, e.ID, err)
	}
	return msg, checkSize(msg.Header, msg.Data)
}

func (env *envelope) message(mode Mode) (*nats.Msg, error) {
	if mode == Binary {
		return env.binary()
	}
	return env.structured()
}

func checkSize(h nats.Header, body []byte) *Invalid {
	size := len(body)
	for name, values := range h {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return checkTotal(size)
}

func checkTotal(size int) *Invalid {
	if size > MaxSize {
		return invalid(TooLarge, "%d bytes, the limit is %d", size, MaxSize)
	}
	return nil
}
