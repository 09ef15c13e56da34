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
	if _, err := members(body); err != nil {
		return nil, err
	}
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
	has, err := members(body)
	return err == nil && has
}

// decoders are kept because a new one allocates for every object it meets.
var decoders = sync.Pool{New: func() any { return jsontext.NewDecoder(new(bytes.Buffer)) }}

// release gives a decoder back without the body it read.
func release(d *jsontext.Decoder) {
	d.Reset(new(bytes.Buffer))
	decoders.Put(d)
}

// members checks the grammar that the SDK's reader is lax about: strict JSON, no
// member twice, and no attribute name outside the specification, of which two
// could fall together. It says whether specversion is among the names.
func members(body []byte) (hasVersion bool, err error) {
	d := decoders.Get().(*jsontext.Decoder)
	defer release(d)
	d.Reset(bytes.NewBuffer(body)) // a Buffer is read in place
	if t, err := d.ReadToken(); err != nil {
		return false, err
	} else if t.Kind() != '{' {
		return false, errNotEventObject
	}
	for d.PeekKind() == '"' {
		t, err := d.ReadToken()
		if err != nil {
			return false, err
		}
		name := t.String()
		hasVersion = hasVersion || name == "specversion"
		if err := checkMember(d, name); err != nil {
			return false, err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return false, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return false, errNotEventObject
	}
	return hasVersion, nil
}

// checkMember reads one member's value. A number that is not an integer is no
// attribute value, and the SDK would cut it off.
func checkMember(d *jsontext.Decoder, name string) error {
	if !attributeName(name) {
		return fmt.Errorf("attribute name %q", name)
	}
	if name == "data" || d.PeekKind() != '0' {
		return d.SkipValue()
	}
	number, err := d.ReadValue()
	if err == nil && bytes.ContainsAny(number, ".eE") {
		err = fmt.Errorf("attribute %s: %s is not an integer", name, number)
	}
	return err
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
