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
func EncodeAs(mode Mode, e Event) (*nats.Msg, error) {
	if e.Data == nil {
		return nil, invalid(BadData, "no data")
	}
	row, ok := byType[e.Type()]
	if !ok {
		return nil, invalid(UnknownType, "%q", e.Type())
	}
	env, bad := wrap(e, row)
	if bad != nil {
		return nil, bad
	}
	msg, err := env.message(cmp.Or(mode, row.Mode))
	if err != nil {
		return nil, invalid(BadEnvelope, "%s %q: %v", row.Name, e.ID, err)
	}
	msg.Subject = Subject(e.Data)
	if bad := checkSize(msg.Header, msg.Data); bad != nil {
		return nil, bad
	}
	return msg, nil
}

// wrap checks the event and puts its encoded data into an envelope.
func wrap(e Event, row *Entry) (envelope, *Invalid) {
	if err := e.Data.Validate(); err != nil {
		return envelope{}, invalid(BadData, "%s: %v", row.Name, err)
	}
	if bad := checkSource(row, e.Source, e.Data); bad != nil {
		return envelope{}, bad
	}
	data, err := marshalData(e.Data)
	if err != nil {
		return envelope{}, invalid(BadData, "%s: %v", row.Name, err)
	}
	env, err := seal(e, data)
	if err != nil {
		return envelope{}, invalid(BadEnvelope, "%s %q: %v", row.Name, e.ID, err)
	}
	return env, nil
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
	if size > MaxSize {
		return invalid(TooLarge, "%d bytes, the limit is %d", size, MaxSize)
	}
	return nil
}
