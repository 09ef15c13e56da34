package event

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	ce "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"
)

// MaxSize is the most that one event may weigh, headers and body together, in
// bytes. A server may allow less: package stream tells the publisher.
const MaxSize = 8 << 20

const (
	specVersion    = ce.CloudEventsVersionV1
	jsonType       = "application/json"
	structuredType = "application/cloudevents+json"
)

// Names of the extension attributes that Event has fields for, or that follow
// from it.
const (
	extTraceParent  = "traceparent"
	extTraceState   = "tracestate"
	extCorrelation  = "correlationid"
	extCausation    = "causationid"
	extPartitionKey = "partitionkey"
	extSequence     = "sequence"
)

// envelope is a CloudEvent before its data is understood. Both content modes are
// read into it and written from it.
type envelope struct {
	ce.EventContextV1
	data []byte
}

// enclose gives the envelope of an event with encoded data.
func enclose(e Event, data []byte) (envelope, error) {
	source := types.ParseURIRef(e.Source)
	if source == nil || source.String() != e.Source {
		return envelope{}, fmt.Errorf("source %q is not a URI reference in its normal form", e.Source)
	}
	contentType := jsonType
	env := envelope{data: data, EventContextV1: ce.EventContextV1{
		ID: e.ID, Source: *source, Type: string(e.Type()), DataContentType: &contentType,
	}}
	if entity := e.Data.Entity(); entity != "" {
		env.Subject = &entity
	}
	if !e.Time.IsZero() {
		env.Time = &types.Timestamp{Time: e.Time.UTC()}
	}
	if err := env.extend(e); err != nil {
		return envelope{}, err
	}
	return env, env.check()
}

// extend adds the extension attributes. What the publisher states itself comes
// before what would follow from the event.
func (env *envelope) extend(e Event) error {
	env.Extensions = make(map[string]any, 6+len(e.Extensions))
	for _, name := range [...]string{extPartitionKey, extSequence} {
		if value := derived(name, e.Data, e.At); value != "" {
			env.Extensions[name] = value
		}
	}
	for name, value := range e.Extensions {
		if name != strings.ToLower(name) || hasField(name) {
			return fmt.Errorf("extension %q is not in lower case or has a field of its own", name)
		}
		if err := env.SetExtension(name, value); err != nil {
			return err
		}
	}
	env.state(extTraceParent, e.Trace.Parent)
	env.state(extTraceState, e.Trace.State)
	env.state(extCorrelation, e.Correlation)
	env.state(extCausation, e.Causation)
	return nil
}

func (env *envelope) state(name, value string) {
	if value != "" {
		env.Extensions[name] = value
	}
}

// hasField says that Event has a field for the extension attribute.
func hasField(name string) bool {
	return name == extTraceParent || name == extTraceState || name == extCorrelation || name == extCausation
}

// derived gives an extension attribute that follows from what is known anyway: the
// key that keeps order where the event is passed on, and the place in the log of an
// event that was read from there. It is "" for every other name.
func derived(name string, p Payload, at At) string {
	switch {
	case name == extPartitionKey:
		return p.ScopeName()
	case name == extSequence:
		return paddedSequence(at.Sequence)
	}
	return ""
}

// check adds to the SDK's validation that all text is text: no control characters,
// which the specification forbids, and valid UTF-8.
func (env *envelope) check() error {
	if errs := env.Validate(); errs != nil {
		return errs
	}
	if err := checkText("id", env.ID); err != nil {
		return err
	}
	for name, value := range env.Extensions {
		if text, ok := value.(string); ok {
			if err := checkText(name, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkText(name, value string) error {
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("%s %q is not plain text", name, value)
	}
	return nil
}

// event gives the event without its data.
func (env *envelope) event(p Payload, at At) (Event, error) {
	e := Event{ID: env.ID, Source: env.Source.String(), Data: p, At: at}
	if env.Time != nil {
		e.Time = env.Time.Time.UTC()
	}
	for name, value := range env.Extensions {
		text, err := types.Format(value)
		if err != nil {
			return Event{}, fmt.Errorf("extension %q: %w", name, err)
		}
		if derived(name, p, at) != text {
			e.setExtension(name, text)
		}
	}
	return e, nil
}

func (e *Event) setExtension(name, value string) {
	switch name {
	case extTraceParent:
		e.Trace.Parent = value
	case extTraceState:
		e.Trace.State = value
	case extCorrelation:
		e.Correlation = value
	case extCausation:
		e.Causation = value
	default:
		if e.Extensions == nil {
			e.Extensions = make(map[string]string)
		}
		e.Extensions[name] = value
	}
}
