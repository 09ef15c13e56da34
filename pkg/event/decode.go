package event

import (
	"strings"

	"github.com/nats-io/nats.go"
)

// Decode reads the event in a message that was received on subject, and notes
// where it stands in the log. Both content modes are understood, whatever the
// catalog says, and header names in any case.
//
// The error is an *Invalid. Data, subject and source of an event that is returned
// agree with each other.
func Decode(subject string, h nats.Header, data []byte, at At) (Event, error) {
	if bad := checkSize(h, data); bad != nil {
		return Event{}, bad
	}
	if o, contents, ok := readOrdinary(h, data); ok {
		if payload, bad := readPayload(o.row, contents); bad == nil {
			if e, ok := o.event(payload, at); ok {
				return agreed(o.row, e, subject, o.subject)
			}
		}
	}
	return decodeAny(subject, h, data, at)
}

// decodeAny reads through the envelope, which finds the reason against what is refused.
func decodeAny(subject string, h nats.Header, data []byte, at At) (Event, error) {
	env, bad := open(h, data)
	if bad != nil {
		return Event{}, bad
	}
	row, ok := byType[Type(env.Type)]
	if !ok {
		return Event{}, invalid(UnknownType, "%q", env.Type)
	}
	payload, bad := env.payload(row)
	if bad != nil {
		return Event{}, bad
	}
	e, err := env.event(payload, at)
	if err != nil {
		return Event{}, invalid(BadEnvelope, "%v", err)
	}
	entity := ""
	if env.Subject != nil {
		entity = *env.Subject
	}
	return agreed(row, e, subject, entity)
}

// agreed gives the event if data, subject and source of it say the same. The entity is
// the CloudEvents subject, "" where the publisher left it out.
func agreed(row *Entry, e Event, subject, entity string) (Event, error) {
	if want := e.Data.Entity(); entity != "" && entity != want {
		return Event{}, invalid(BadEnvelope, "%s: subject attribute %q, the data is about %q", row.Name, entity, want)
	}
	if want := Subject(e.Data); subject != want {
		return Event{}, invalid(WrongSubject, "%s on subject %q, want %q", row.Name, subject, want)
	}
	if bad := checkSource(row, e.Source, e.Data); bad != nil {
		return Event{}, bad
	}
	return e, nil
}

// open finds the content mode, in the order that foreign writers make necessary:
// an explicit content type, then the header of the binary mode, then a body that
// looks like an event, which SDKs send without any header.
func open(h nats.Header, body []byte) (*envelope, *Invalid) {
	attributes, err := readHeader(h)
	if err != nil {
		return nil, invalid(BadEnvelope, "%v", err)
	}
	var env *envelope
	switch contentType := mediaType(attributes[contentTypeKey]); {
	case strings.HasPrefix(contentType, "application/cloudevents"):
		env, err = openStructured(contentType, body)
	case attributes["specversion"] != "":
		env, err = openBinary(attributes, body)
	case looksStructured(body):
		env, err = openStructured(structuredType, body)
	default:
		return nil, invalid(NotAnEvent, "no CloudEvents content type, no ce-specversion header, no specversion in the body")
	}
	if err == nil {
		err = env.check()
	}
	if err != nil {
		return nil, invalid(BadEnvelope, "%v", err)
	}
	return env, nil
}

// payload reads the data, unless it is no JSON.
func (env *envelope) payload(row *Entry) (Payload, *Invalid) {
	if t := env.DataContentType; t != nil && !isJSON(*t) {
		return nil, invalid(BadData, "%s: data content type %q is not JSON", row.Name, *t)
	}
	return readPayload(row, env.data)
}

// readPayload reads and validates the data.
func readPayload(row *Entry, data []byte) (Payload, *Invalid) {
	p := row.New()
	if err := unmarshalData(data, p); err != nil {
		return nil, invalid(BadData, "%s: %v", row.Name, err)
	}
	if err := p.Validate(); err != nil {
		return nil, invalid(BadData, "%s: %v", row.Name, err)
	}
	return p, nil
}

// mediaType gives the type without its parameters, in lower case.
func mediaType(contentType string) string {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

func isJSON(contentType string) bool {
	t := mediaType(contentType)
	return t == jsonType || t == "text/json" || strings.HasSuffix(t, "+json")
}
