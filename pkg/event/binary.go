package event

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cloudevents/sdk-go/v2/types"
	"github.com/nats-io/nats.go"
)

// headerPrefix marks the headers that are attributes in binary mode.
const headerPrefix = "ce-"

// contentTypeKey is the header of the content type, in the case that the SDKs which
// compare case look for, and its key among the attributes: no attribute can have
// that name.
const contentTypeKey = "content-type"

// binary writes the attributes as headers and the data as the body.
func (env *envelope) binary() (*nats.Msg, error) {
	most := 7 + len(env.Extensions)
	msg := &nats.Msg{Header: make(nats.Header, most), Data: env.data}
	values := make([]string, 0, most) // one allocation for all headers
	set := func(name, value string) {
		values = append(values, percentEncode(value))
		msg.Header[headerPrefix+name] = values[len(values)-1 : len(values) : len(values)]
	}
	set("specversion", specVersion)
	set("id", env.ID)
	set("source", env.Source.String())
	set("type", env.Type)
	if env.Subject != nil {
		set("subject", *env.Subject)
	}
	if env.Time != nil {
		set("time", env.Time.String())
	}
	if env.DataContentType != nil {
		msg.Header[contentTypeKey] = []string{*env.DataContentType}
	}
	for name, value := range env.Extensions {
		text, err := types.Format(value)
		if err != nil {
			return nil, fmt.Errorf("extension %q: %w", name, err)
		}
		set(name, text)
	}
	return msg, nil
}

// readHeader gives the attributes by lower-case name, without the prefix, and the
// content type. Headers that have nothing to do with CloudEvents are skipped.
func readHeader(h nats.Header) (map[string]string, error) {
	attributes := make(map[string]string, len(h))
	for key, values := range h {
		name := strings.ToLower(key)
		attribute, isAttribute := strings.CutPrefix(name, headerPrefix)
		if !isAttribute && name != contentTypeKey {
			continue
		}
		if _, twice := attributes[attribute]; twice || len(values) != 1 {
			return nil, fmt.Errorf("header %s is not there exactly once", name)
		}
		attributes[attribute] = values[0]
	}
	return attributes, nil
}

// openBinary reads an event whose attributes are in the headers.
func openBinary(attributes map[string]string, body []byte) (*envelope, error) {
	env := &envelope{data: body}
	if attributes[contentTypeKey] != "" {
		delete(attributes, "datacontenttype") // the SDK for Go writes this in its place
	}
	for name, raw := range attributes {
		value := raw
		if name != contentTypeKey {
			decoded, err := percentDecode(raw)
			if err != nil {
				return nil, fmt.Errorf("header %s%s: %w", headerPrefix, name, err)
			}
			value = decoded
		}
		if err := env.setAttribute(name, value); err != nil {
			return nil, fmt.Errorf("header %s%s: %w", headerPrefix, name, err)
		}
	}
	return env, nil
}

var (
	errVersion = errors.New("only CloudEvents 1.0 is understood")
	errURI     = errors.New("not a URI reference")
)

func (env *envelope) setAttribute(name, value string) (err error) {
	switch name {
	case "specversion":
		if value != specVersion {
			return errVersion
		}
	case "id":
		env.ID = value
	case "type":
		env.Type = value
	case "subject":
		env.Subject = &value
	case "source":
		return env.setSource(value)
	case "time":
		env.Time, err = types.ParseTimestamp(value)
	case contentTypeKey, "datacontenttype":
		env.DataContentType = &value
	case "dataschema": // the type says it already
	default:
		return env.SetExtension(name, value)
	}
	return err
}

func (env *envelope) setSource(value string) error {
	source := types.ParseURIRef(value)
	if source == nil {
		return errURI
	}
	env.Source = *source
	return nil
}
