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
	if want := Subject(payload); subject != want {
		return Event{}, invalid(WrongSubject, "%s on subject %q, want %q", row.Name, subject, want)
	}
	e, err := env.event(payload, at)
	if err != nil {
		return Event{}, invalid(BadEnvelope, "%v", err)
	}
	if bad := checkSource(row, e.Source, payload); bad != nil {
		return Event{}, bad
	}
	return e, nil
}

// open finds the content mode, in the order that foreign writers make necessary:
// an explicit content type, then the header of the binary mode, then a body that
// looks like an event, which SDKs send without any header.
func open(h nats.Header, body []byte) (*envelope, *Invalid) {
	if bad := checkSize(h, body); bad != nil {
		return nil, bad
	}
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

// payload reads and validates the data, and that the envelope agrees with it.
func (env *envelope) payload(row *Entry) (Payload, *Invalid) {
	if t := env.DataContentType; t != nil && !isJSON(*t) {
		return nil, invalid(BadData, "%s: data content type %q is not JSON", row.Name, *t)
	}
	p := row.New()
	if err := unmarshalData(env.data, p); err != nil {
		return nil, invalid(BadData, "%s: %v", row.Name, err)
	}
	if err := p.Validate(); err != nil {
		return nil, invalid(BadData, "%s: %v", row.Name, err)
	}
	if s := env.Subject; s != nil && *s != p.Entity() {
		return nil, invalid(BadEnvelope, "%s: subject attribute %q, the data is about %q", row.Name, *s, p.Entity())
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
