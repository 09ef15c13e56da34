package event

import (
	"github.com/nats-io/nats.go"
)

// Encode gives the message of an event, in the content mode of the catalog and
// with its subject. The headers of the transport, Nats-Msg-Id among them, are for
// package stream to set. The same event gives the same bytes.
//
// The error is an *Invalid: an event that Decode would refuse is not encoded.
func Encode(e Event) (*nats.Msg, error) {
	if e.Data == nil {
		return nil, invalid(BadData, "no data")
	}
	row, ok := byType[e.Type()]
	if !ok {
		return nil, invalid(UnknownType, "%q", e.Type())
	}
	return encode(e, row, row.Mode)
}

func encode(e Event, row *Entry, mode Mode) (*nats.Msg, error) {
	if err := e.Data.Validate(); err != nil {
		return nil, invalid(BadData, "%s: %v", row.Name, err)
	}
	if bad := checkSource(row, e.Source, e.Data); bad != nil {
		return nil, bad
	}
	data, err := marshalData(e.Data)
	if err != nil {
		return nil, invalid(BadData, "%s: %v", row.Name, err)
	}
	env, err := seal(e, data)
	if err != nil {
		return nil, invalid(BadEnvelope, "%s %q: %v", row.Name, e.ID, err)
	}
	msg, err := env.message(mode)
	if err != nil {
		return nil, invalid(BadEnvelope, "%s %q: %v", row.Name, e.ID, err)
	}
	msg.Subject = Subject(e.Data)
	if bad := checkSize(msg.Header, msg.Data); bad != nil {
		return nil, bad
	}
	return msg, nil
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
