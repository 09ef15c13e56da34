package event

import (
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// readOrdinary reads the attributes of an ordinary event in one scan, without the
// envelope. Whatever it does not know is not ordinary: ok is then false, and the
// envelope reads the message, or says what is wrong with it. The data is not looked
// into; it is a part of the body.
func readOrdinary(h nats.Header, body []byte) (o ordinary, data []byte, ok bool) {
	kinds := h[contentTypeKey]
	if len(kinds) != 1 {
		return o, nil, false
	}
	switch kinds[0] {
	case structuredType:
		data, ok = o.scan(body)
		ok = ok && !attributesIn(h)
	case jsonType:
		data, ok = body, o.readHeaders(h)
	}
	return o, data, ok && o.row != nil && o.id != "" && ordinaryPath(o.source)
}

// attributesIn says that headers may speak of the event beside its body.
func attributesIn(h nats.Header) bool {
	for key := range h {
		if key != contentTypeKey && speaks(key) {
			return true
		}
	}
	return false
}

// speaks says that a header could be an attribute, in whatever case it is written.
func speaks(key string) bool {
	return len(key) >= len(headerPrefix) && strings.EqualFold(key[:len(headerPrefix)], headerPrefix) ||
		strings.EqualFold(key, contentTypeKey)
}

// readHeaders reads the binary mode.
func (o *ordinary) readHeaders(h nats.Header) bool {
	version := false
	for key, values := range h {
		name, isAttribute := strings.CutPrefix(key, headerPrefix)
		switch {
		case key == contentTypeKey:
		case !isAttribute && speaks(key) || isAttribute && len(values) != 1:
			return false
		case !isAttribute: // of the transport
		case name == "specversion":
			version = values[0] == specVersion
		case !ordinaryText(values[0]) || !o.set(name, values[0]):
			return false
		}
	}
	return version
}

// set takes an attribute; false when it is there already, or is none that an ordinary
// event has.
func (o *ordinary) set(name, value string) bool {
	var to *string
	switch name {
	case "id":
		to = &o.id
	case "source":
		to = &o.source
	case "subject":
		to = &o.subject
	case "time":
		to = &o.time
	case "type":
		first := o.row == nil
		o.row = byType[Type(value)]
		return first && o.row != nil
	default:
		for i, extension := range ordinaryExtensions {
			if name == extension {
				to = &o.extensions[i]
			}
		}
	}
	if to == nil || *to != "" || value == "" {
		return false
	}
	*to = value
	return true
}

// event gives the event with its data; ok is false where the attributes do not say what
// follows from the data anyway, or no time.
func (o *ordinary) event(p Payload, at At) (e Event, ok bool) {
	x := &o.extensions
	e = Event{ID: o.id, Source: o.source, Data: p, At: at, Causation: x[0], Correlation: x[1], Trace: Trace{Parent: x[4], State: x[5]}}
	if x[2] != "" && x[2] != p.ScopeName() || x[3] != "" && x[3] != paddedSequence(at.Sequence) {
		return e, false
	}
	if o.time != "" {
		t, err := time.Parse(time.RFC3339Nano, o.time)
		if err != nil {
			return e, false
		}
		e.Time = t.UTC()
	}
	return e, true
}

// scan reads a body as message writes it: an object without spaces, whose values are
// text without escapes, and the data.
func (o *ordinary) scan(body []byte) (data []byte, ok bool) {
	version := false
	rest := body
	for open := byte('{'); ; open = ',' {
		var name, value []byte
		if name, rest, ok = scanText(rest, open); !ok || len(rest) == 0 || rest[0] != ':' {
			return nil, false
		}
		if string(name) == "data" {
			n := objectEnd(rest[1:])
			if data != nil || n == 0 {
				return nil, false
			}
			data, rest = rest[1:1+n], rest[1+n:]
		} else {
			if value, rest, ok = scanText(rest, ':'); !ok || !o.setMember(string(name), string(value), &version) {
				return nil, false
			}
		}
		if string(rest) == "}" {
			return data, version
		}
	}
}

// setMember is set for the two members that a body alone has.
func (o *ordinary) setMember(name, value string, version *bool) bool {
	switch name {
	case "specversion":
		first := !*version
		*version = value == specVersion
		return first && *version
	case "datacontenttype":
		return value == jsonType
	}
	return o.set(name, value)
}

// scanText reads one byte and a text in quotes that needs no unescaping.
func scanText(b []byte, before byte) (text, rest []byte, ok bool) {
	if len(b) < 3 || b[0] != before || b[1] != '"' {
		return nil, nil, false
	}
	for i := 2; i < len(b); i++ {
		if c := b[i]; c == '"' {
			return b[2:i], b[i+1:], true
		} else if !plain(c) || c == '\\' {
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// objectEnd is the length of the object that b begins with, 0 if it is none. Whether it
// is valid is for its reader to say: where it is, it ends here and nowhere else.
func objectEnd(b []byte) int {
	if len(b) == 0 || b[0] != '{' {
		return 0
	}
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
