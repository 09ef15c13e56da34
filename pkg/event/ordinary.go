package event

import (
	"strconv"

	"github.com/nats-io/nats.go"
)

// ordinary is an event all of whose attributes stand for themselves wherever they are
// written: in JSON, in a header and in a URI. Nearly every event is ordinary, and is
// written in one go, to the very bytes that the envelope of the SDK would give; what
// is not goes through the envelope, which knows how to escape and to refuse.
type ordinary struct {
	row                       *Entry
	id, source, subject, time string
	extensions                [len(ordinaryExtensions)]string // "" where there is none
	headers                   int                             // bytes of the headers, once written
}

// ordinaryExtensions are the extension attributes that an ordinary event may have, in
// the order in which they are written.
var ordinaryExtensions = [...]string{extCausation, extCorrelation, extPartitionKey, extSequence, extTraceParent, extTraceState}

// asOrdinary gives e as an ordinary event; ok is false when it is none.
func (enc *Encoder) asOrdinary(e Event, row *Entry) (o ordinary, ok bool) {
	if len(e.Extensions) > 0 || e.ID == "" || !ordinaryPath(e.Source) {
		return o, false
	}
	o = ordinary{row: row, id: e.ID, source: e.Source, subject: e.Data.Entity()}
	o.extensions = [...]string{
		e.Causation, e.Correlation, e.Data.ScopeName(), enc.padded(e.At.Sequence), e.Trace.Parent, e.Trace.State,
	}
	if !e.Time.IsZero() {
		o.time = enc.stamp(e.Time)
	}
	if !ordinaryText(o.id) || !ordinaryText(o.subject) {
		return o, false
	}
	for _, value := range o.extensions {
		if !ordinaryText(value) {
			return o, false
		}
	}
	return o, true
}

// ordinaryText says that neither a header nor a JSON string escapes any of s.
func ordinaryText(s string) bool {
	for i := range len(s) {
		if c := s[i]; !plain(c) || c == '\\' {
			return false
		}
	}
	return true
}

// ordinaryPath says that s is an absolute path of names, which is a URI reference in its
// normal form.
func ordinaryPath(s string) bool {
	if len(s) < 2 || s[0] != '/' || s[1] == '/' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '/' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

const sequenceDigits = 20

// paddedSequence is the place in the log as text that sorts; "" for none.
func paddedSequence(seq uint64) string { return (*Encoder)(nil).padded(seq) }

func (enc *Encoder) padded(seq uint64) string {
	if seq == 0 {
		return ""
	}
	const zeros = "00000000000000000000"
	var digits [sequenceDigits]byte
	text := strconv.AppendUint(digits[:0], seq, 10)
	return enc.join(zeros[len(text):], string(text))
}

// message writes o with its data. The error is about the data.
func (o *ordinary) message(mode Mode, p Payload, enc *Encoder) (*nats.Msg, error) {
	w := newWriter()
	defer w.release()
	m := enc.message()
	if mode == Binary {
		w.payload(p)
		m.Header = o.header(enc)
	} else {
		o.write(w, p)
		o.headers = len(contentTypeKey) + len(structuredType)
		m.Header = nats.Header{contentTypeKey: append(enc.list(1), structuredType)}
	}
	m.Data = enc.body(w.b)
	return m, w.err
}

// headerRoom is for the headers that package stream adds to nearly every message, so that
// the map need not grow; more would double it.
const headerRoom = 2

// header gives the attributes of the binary mode.
func (o *ordinary) header(enc *Encoder) nats.Header {
	count := o.count()
	h := make(nats.Header, count+headerRoom)
	values := enc.list(count) // one allocation for all headers
	o.headers = 0
	set := func(name, value string) {
		if value != "" {
			o.headers += len(name) + len(value)
			values = append(values, value)
			h[name] = values[len(values)-1 : len(values) : len(values)]
		}
	}
	set(headerPrefix+"specversion", specVersion)
	set(headerPrefix+"id", o.id)
	set(headerPrefix+"source", o.source)
	set(headerPrefix+"type", string(o.row.Type))
	set(headerPrefix+"subject", o.subject)
	set(headerPrefix+"time", o.time)
	set(contentTypeKey, jsonType)
	for i, value := range o.extensions {
		set(extensionHeaders[i], value)
	}
	return h
}

// count is how many headers there are.
func (o *ordinary) count() int {
	n := 5 // what every event has
	for _, value := range [...]string{o.subject, o.time} {
		if value != "" {
			n++
		}
	}
	for _, value := range o.extensions {
		if value != "" {
			n++
		}
	}
	return n
}

var extensionHeaders = prefixed(ordinaryExtensions, headerPrefix, "")

// write writes the whole event as JSON.
func (o *ordinary) write(w *writer, p Payload) {
	w.open('{')
	w.attribute(`"specversion":"`, specVersion)
	w.attribute(`"id":"`, o.id)
	w.attribute(`"source":"`, o.source)
	w.attribute(`"type":"`, string(o.row.Type))
	w.attribute(`"subject":"`, o.subject)
	w.attribute(`"datacontenttype":"`, jsonType)
	w.attribute(`"time":"`, o.time)
	w.name(`"data":`)
	w.payload(p)
	for i, value := range o.extensions {
		w.attribute(extensionMembers[i], value)
	}
	w.close('}')
}

var extensionMembers = prefixed(ordinaryExtensions, `"`, `":"`)

// attribute writes a member whose value needs no escaping; its key comes with the quote
// that begins the value.
func (w *writer) attribute(key, value string) {
	if value != "" {
		w.name(key)
		w.b = append(w.b, value...)
		w.b = append(w.b, '"')
	}
}

func prefixed(names [len(ordinaryExtensions)]string, before, after string) [len(ordinaryExtensions)]string {
	for i, name := range names {
		names[i] = before + name + after
	}
	return names
}
