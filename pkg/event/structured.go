package event

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	ce "github.com/cloudevents/sdk-go/v2/event"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nats.go"
)

// structured writes the whole event into the body.
func (env *envelope) structured() (*nats.Msg, error) {
	body, err := ce.Event{Context: &env.EventContextV1, DataEncoded: env.data}.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return &nats.Msg{Header: nats.Header{contentTypeKey: {structuredType}}, Data: body}, nil
}

// openStructured reads an event that is the body.
func openStructured(contentType string, body []byte) (*envelope, error) {
	if contentType != structuredType && contentType != "application/cloudevents" {
		return nil, fmt.Errorf("content type %q: only single events in JSON are understood", contentType)
	}
	var env envelope
	seen, err := members(body, &env)
	if err != nil {
		return nil, err
	}
	if seen.version && seen.ordinary {
		return &env, nil
	}
	return openAny(body)
}

// openAny reads with the SDK what is not ordinary: values that are escaped or no text,
// data that is not JSON.
func openAny(body []byte) (*envelope, error) {
	var read ce.Event
	if err := read.UnmarshalJSON(body); err != nil { // json.Unmarshal would scan it all twice
		return nil, err
	}
	context, ok := read.Context.(*ce.EventContextV1)
	if !ok {
		return nil, errVersion
	}
	if len(read.FieldErrors) > 0 {
		return nil, ce.ValidationError(read.FieldErrors)
	}
	return &envelope{EventContextV1: *context, data: read.DataEncoded}, nil
}

// looksStructured says that the body is a JSON object with a specversion.
func looksStructured(body []byte) bool {
	if len(body) == 0 || body[0] != '{' {
		return false
	}
	seen, err := members(body, new(envelope))
	return err == nil && seen.version
}

// decoders are kept because a new one allocates for every object it meets.
var decoders = sync.Pool{New: func() any { return jsontext.NewDecoder(new(bytes.Buffer)) }}

// release gives a decoder back without the body it read.
func release(d *jsontext.Decoder) {
	d.Reset(new(bytes.Buffer))
	decoders.Put(d)
}

// seen is what members found out.
type seen struct {
	version  bool // specversion is among the names
	ordinary bool // the envelope holds all of it, as the SDK would have read it
}

// members checks the grammar that the SDK's reader is lax about: strict JSON, no
// member twice, and no attribute name outside the specification, of which two
// could fall together. On the way it fills the envelope, as far as it can be taken as it
// stands.
func members(body []byte, into *envelope) (seen, error) {
	found := seen{ordinary: true}
	d := decoders.Get().(*jsontext.Decoder)
	defer release(d)
	d.Reset(bytes.NewBuffer(body)) // a Buffer is read in place
	if t, err := d.ReadToken(); err != nil {
		return found, err
	} else if t.Kind() != '{' {
		return found, errNotEventObject
	}
	for d.PeekKind() == '"' {
		t, err := d.ReadToken()
		if err != nil {
			return found, err
		}
		name := t.String()
		found.version = found.version || name == "specversion"
		value, err := checkMember(d, name)
		if err != nil {
			return found, err
		}
		if end := int(d.InputOffset()); name == "data" {
			into.data = body[end-len(value) : end] // the value itself is the decoder's
		} else {
			found.ordinary = found.ordinary && into.take(name, value)
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return found, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return found, errNotEventObject
	}
	t := into.DataContentType
	found.ordinary = found.ordinary && (t == nil || isJSON(*t))
	return found, nil
}

// take puts an attribute into the envelope; false when it is for the SDK to understand.
func (env *envelope) take(name string, value jsontext.Value) bool {
	if name == "data_base64" || name == "dataschema" || len(value) < 3 || value[0] != '"' {
		return false
	}
	text := string(value[1 : len(value)-1])
	return asItIs(text) && env.setAttribute(name, text) == nil
}

// checkMember reads one member's value. A number that is not an integer is no
// attribute value, and the SDK would cut it off.
func checkMember(d *jsontext.Decoder, name string) (jsontext.Value, error) {
	if !attributeName(name) {
		return nil, fmt.Errorf("attribute name %q", name)
	}
	value, err := d.ReadValue()
	if err == nil && name != "data" && value.Kind() == '0' && bytes.ContainsAny(value, ".eE") {
		err = fmt.Errorf("attribute %s: %s is not an integer", name, value)
	}
	return value, err
}

var errNotEventObject = errors.New("the body is not one JSON object")

func attributeName(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return name == "data_base64"
		}
	}
	return name != ""
}
