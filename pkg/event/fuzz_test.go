package event_test

import (
	"reflect"
	"testing"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
)

// FuzzDecodeBody feeds whole bodies: structured events, with and without a header
// that says so.
func FuzzDecodeBody(f *testing.F) {
	for _, x := range fixtures(f, "valid") {
		msg, err := event.EncodeAs(event.Structured, adorned(x.event(f)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(msg.Subject, true, msg.Data)
		f.Add(msg.Subject, false, msg.Data)
	}
	f.Add(cordonSubject, true, []byte(structuredCordon(`,"count":1.5,"flag":true,"none":null`)))
	f.Add(cordonSubject, true, []byte(structuredCordon(`,"datacontenttype":"text/plain"`)))
	f.Add(cordonSubject, false, []byte(`{"specversion":"1.0","data_base64":"e30="}`))
	f.Fuzz(func(t *testing.T, subject string, labelled bool, body []byte) {
		var h nats.Header
		if labelled {
			h = nats.Header{"Content-Type": {"application/cloudevents+json"}}
		}
		decodeTwice(t, subject, h, body)
	})
}

// FuzzDecodeHeader feeds the attributes of a binary message.
func FuzzDecodeHeader(f *testing.F) {
	f.Add("1", "/operators/ann", "dev.fairlead.cluster.cordoned.v1", "application/json", "eu-1", "signature", "q83v", []byte(cordon))
	f.Add("a%20b", "/clusters/eu-1/agent", "dev.fairlead.cluster.cordoned.v1", "", "", "traceparent", "00-a-b-01", []byte(cordon))
	f.Add("%zz", "urn:x", "dev.fairlead.cluster.cordoned.v1", "text/json; charset=utf-8", "", "time", "2026-11-22T18:30:00Z", []byte("null"))
	f.Add("1", "//[::1", "dev.fairlead.placement.ticked.v1", "application/json", "", "sequence", "1", []byte(`{"observed":1}`))
	f.Fuzz(func(t *testing.T, id, source, typ, contentType, entity, extension, value string, body []byte) {
		h := nats.Header{"ce-specversion": {"1.0"}, "ce-id": {id}, "ce-source": {source}, "CE-Type": {typ}, "ce-" + extension: {value}}
		if contentType != "" {
			h["Content-Type"] = []string{contentType}
		}
		if entity != "" {
			h["ce-subject"] = []string{entity}
		}
		decodeTwice(t, cordonSubject, h, body)
	})
}

// decodeTwice holds what is read against the promises of Decode: an *Invalid with
// a known reason, or an event that encodes and comes back the same.
func decodeTwice(t *testing.T, subject string, h nats.Header, body []byte) {
	at := event.At{Stream: event.Intents, Sequence: 3}
	first, err := event.Decode(subject, h, body, at)
	if err != nil {
		wantKnownReason(t, err)
		return
	}
	for _, mode := range modes {
		msg, err := event.EncodeAs(mode, first)
		if err != nil {
			t.Fatalf("what was read cannot be written (%s): %v\n%+v", mode, err, first)
		}
		if msg.Subject != subject {
			t.Fatalf("read from %q, written to %q", subject, msg.Subject)
		}
		second, err := event.Decode(msg.Subject, msg.Header, msg.Data, at)
		if err != nil {
			t.Fatalf("what was written cannot be read (%s): %v\n%s %s", mode, err, msg.Header, msg.Data)
		}
		sameEvent(t, mode, first, second)
	}
}

func sameEvent(t *testing.T, mode event.Mode, first, second event.Event) {
	t.Helper()
	a, err := event.EncodeAs(mode, first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := event.EncodeAs(mode, second)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("first  %s %s\nsecond %s %s", a.Header, a.Data, b.Header, b.Data)
	}
}

func wantKnownReason(t *testing.T, err error) {
	t.Helper()
	bad, ok := err.(*event.Invalid)
	if !ok {
		t.Fatalf("error is a %T", err)
	}
	switch bad.Reason {
	case event.NotAnEvent, event.BadEnvelope, event.UnknownType, event.BadData, event.WrongSubject, event.WrongSource, event.TooLarge:
	default:
		t.Fatalf("reason %q is not in the list", bad.Reason)
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, x := range fixtures(f, "valid") {
		f.Add(x.subject())
	}
	f.Add("fairlead.intents.tenant.*.workload.submitted")
	f.Add("fairlead.placements.fleet.>")
	f.Fuzz(func(t *testing.T, subject string) {
		a, err := event.ParseSubject(subject)
		if err != nil {
			return
		}
		if a.String() != subject {
			t.Fatalf("%q is read as %+v, which is %q", subject, a, a)
		}
		if a.Scope != event.ScopeFleet && event.CheckName(a.Name) != nil {
			t.Fatalf("%q names %q", subject, a.Name)
		}
	})
}
