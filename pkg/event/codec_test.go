package event_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
)

var modes = []event.Mode{event.Structured, event.Binary}

// adorned gives an event everything that an envelope can carry.
func adorned(e event.Event) event.Event {
	e.ID = "id with space, \"quotes\", 100% and 世界"
	e.Trace = event.Trace{Parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", State: "a=1,b=2"}
	e.Causation, e.Correlation = "d_41", "shop/web/1"
	e.Extensions = map[string]string{"nkey": "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", "signature": "q83v+/==", "dataref": "x y"}
	return e
}

func TestRoundTripOfEveryFixtureInBothModes(t *testing.T) {
	at := event.At{Stream: event.Intents, Sequence: 42}
	for _, f := range fixtures(t, "valid") {
		for _, mode := range modes {
			t.Run(f.name+"/"+string(mode), func(t *testing.T) {
				want := adorned(f.event(t))
				want.At = at
				msg, err := event.EncodeAs(mode, want)
				if err != nil {
					t.Fatal(err)
				}
				got, err := event.Decode(msg.Subject, msg.Header, msg.Data, at)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
			})
		}
	}
}

func TestSameEventSameBytes(t *testing.T) {
	for _, f := range fixtures(t, "valid") {
		first, err := event.Encode(adorned(f.event(t)))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 { // maps would show their order
			again, err := event.Encode(adorned(f.event(t)))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Data, again.Data) || !reflect.DeepEqual(first.Header, again.Header) {
				t.Fatalf("%s: two encodings differ", f.name)
			}
		}
	}
}

func TestEncodeUsesTheModeOfTheCatalog(t *testing.T) {
	for _, f := range fixtures(t, "valid") {
		msg, err := event.Encode(f.event(t))
		if err != nil {
			t.Fatal(err)
		}
		if msg.Subject != f.subject() {
			t.Errorf("%s: subject %q, want %q", f.name, msg.Subject, f.subject())
		}
		structured := msg.Header.Get("content-type") == "application/cloudevents+json"
		_, binary := msg.Header["ce-specversion"]
		if structured == binary || structured != (f.row.Mode == event.Structured) {
			t.Errorf("%s: structured %v, binary %v, want %s alone", f.name, structured, binary, f.row.Mode)
		}
	}
}

const cordon = `{"cluster":"eu-1"}`

func cordonHeader() nats.Header {
	return nats.Header{
		"ce-specversion": {"1.0"}, "ce-id": {"1"}, "ce-source": {"/operators/ann"},
		"ce-type": {"dev.fairlead.cluster.cordoned.v1"}, "Content-Type": {"application/json"},
	}
}

const cordonSubject = "fairlead.intents.cluster.eu-1.cluster.cordoned"

// structuredCordon is the same event with members replaced or added.
func structuredCordon(extra string) string {
	return `{"specversion":"1.0","id":"1","source":"/operators/ann","type":"dev.fairlead.cluster.cordoned.v1"` +
		extra + `,"data":` + cordon + `}`
}

func TestReaderFindsTheMode(t *testing.T) {
	ce := func(contentType string) nats.Header { return nats.Header{"Content-Type": {contentType}} }
	both := cordonHeader()
	both["Content-Type"] = []string{"application/cloudevents+json"}
	both["ce-id"] = []string{"of the header"}
	for name, c := range map[string]struct {
		header nats.Header
		body   string
		reason string
	}{
		"structured":                     {ce("application/cloudevents+json"), structuredCordon(""), ""},
		"structured with a charset":      {ce("Application/CloudEvents+JSON; charset=utf-8"), structuredCordon(""), ""},
		"structured, lower-case header":  {nats.Header{"content-type": {"application/cloudevents+json"}}, structuredCordon(""), ""},
		"structured with stray headers":  {both, structuredCordon(""), ""},
		"structured without any header":  {nil, structuredCordon(""), ""},
		"structured as plain JSON":       {ce("application/json"), structuredCordon(""), ""},
		"binary":                         {cordonHeader(), cordon, ""},
		"binary in upper case":           {upper(cordonHeader()), cordon, ""},
		"binary without content type":    {without(cordonHeader(), "Content-Type"), cordon, ""},
		"binary as the SDK for Go sends": {without(with("ce-datacontenttype", "application/json"), "Content-Type"), cordon, ""},
		"nothing":                        {nil, "", event.NotAnEvent},
		"plain JSON":                     {ce("application/json"), cordon, event.NotAnEvent},
		"not JSON":                       {nil, "{specversion", event.NotAnEvent},
		"a batch":                        {ce("application/cloudevents-batch+json"), "[]", event.BadEnvelope},
		"structured Avro":                {ce("application/cloudevents+avro"), "x", event.BadEnvelope},
		"structured without a body":      {ce("application/cloudevents+json"), "", event.BadEnvelope},
		"structured with a tail":         {ce("application/cloudevents+json"), structuredCordon("") + "{}", event.BadEnvelope},
		"structured, a member twice":     {ce("application/cloudevents+json"), structuredCordon(`,"id":"2"`), event.BadEnvelope},
		"structured, name in upper case": {ce("application/cloudevents+json"), structuredCordon(`,"Subject":"eu-1"`), event.BadEnvelope},
		"structured, a fraction":         {ce("application/cloudevents+json"), structuredCordon(`,"count":1.5`), event.BadEnvelope},
		"structured, an integer":         {ce("application/cloudevents+json"), structuredCordon(`,"count":15,"flag":true`), ""},
		"structured, an object":          {ce("application/cloudevents+json"), structuredCordon(`,"count":{}`), event.BadEnvelope},
		"structured, empty name":         {ce("application/cloudevents+json"), structuredCordon(`,"":1`), event.BadEnvelope},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := event.Decode(cordonSubject, c.header, []byte(c.body), event.At{})
			wantReason(t, err, c.reason)
			if c.reason == "" && (e.ID != "1" || e.Data.(*event.ClusterCordoned).Cluster != "eu-1") {
				t.Errorf("read %+v", e)
			}
		})
	}
}

func upper(h nats.Header) nats.Header {
	out := nats.Header{}
	for name, values := range h {
		out[strings.ToUpper(name)] = values
	}
	return out
}

func without(h nats.Header, name string) nats.Header {
	delete(h, name)
	return h
}

func with(name string, values ...string) nats.Header {
	h := cordonHeader()
	h[name] = values
	return h
}

func wantReason(t *testing.T, err error, reason string) {
	t.Helper()
	if reason == "" {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	bad, ok := err.(*event.Invalid)
	if !ok || bad.Reason != reason {
		t.Fatalf("error %v, want the reason %s", err, reason)
	}
	if bad.Detail == "" || len(bad.Detail) > 1024 {
		t.Errorf("detail of %d bytes", len(bad.Detail))
	}
}

func TestReaderRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		header  nats.Header
		body    string
		subject string
		reason  string
	}{
		"version 0.3":           {header: with("ce-specversion", "0.3"), reason: event.BadEnvelope},
		"no id":                 {header: without(cordonHeader(), "ce-id"), reason: event.BadEnvelope},
		"empty id":              {header: with("ce-id", ""), reason: event.BadEnvelope},
		"no source":             {header: without(cordonHeader(), "ce-source"), reason: event.BadEnvelope},
		"no type":               {header: without(cordonHeader(), "ce-type"), reason: event.BadEnvelope},
		"bad time":              {header: with("ce-time", "yesterday"), reason: event.BadEnvelope},
		"a header twice":        {header: with("ce-id", "1", "2"), reason: event.BadEnvelope},
		"a header in two cases": {header: with("CE-ID", "2"), reason: event.BadEnvelope},
		"broken escape":         {header: with("ce-id", "100%"), reason: event.BadEnvelope},
		"escape of no text":     {header: with("ce-id", "%FF"), reason: event.BadEnvelope},
		"control character":     {header: with("ce-id", "a%0Ab"), reason: event.BadEnvelope},
		"extension with hyphen": {header: with("ce-my-ext", "1"), reason: event.BadEnvelope},
		"foreign entity":        {header: with("ce-subject", "eu-2"), reason: event.BadEnvelope},
		"unknown type":          {header: with("ce-type", "dev.fairlead.cluster.cordoned.v9"), reason: event.UnknownType},
		"XML":                   {header: with("Content-Type", "application/xml"), reason: event.BadData},
		"no data":               {header: cordonHeader(), body: " ", reason: event.BadData},
		"broken data":           {header: cordonHeader(), body: `{"cluster":`, reason: event.BadData},
		"a member twice":        {header: cordonHeader(), body: `{"cluster":"eu-1","cluster":"eu-2"}`, reason: event.BadData},
		"name in other case":    {header: cordonHeader(), body: `{"Cluster":"eu-1"}`, reason: event.BadData},
		"invalid UTF-8":         {header: cordonHeader(), body: "{\"cluster\":\"eu-1\",\"reason\":\"\xff\"}", reason: event.BadData},
		"other cluster":         {header: cordonHeader(), body: `{"cluster":"eu-2"}`, reason: event.WrongSubject},
		"other scope":           {header: cordonHeader(), subject: "fairlead.intents.tenant.eu-1.cluster.cordoned", reason: event.WrongSubject},
		"other stream":          {header: cordonHeader(), subject: "fairlead.status.cluster.eu-1.cluster.cordoned", reason: event.WrongSubject},
		"other type's subject":  {header: cordonHeader(), subject: "fairlead.intents.cluster.eu-1.cluster.drained", reason: event.WrongSubject},
		"subject with a tail":   {header: cordonHeader(), subject: cordonSubject + ".x", reason: event.WrongSubject},
		"another's agent":       {header: with("ce-source", "/clusters/eu-2/agent"), reason: event.WrongSource},
		"a tenant":              {header: with("ce-source", "/tenants/eu-1/ci"), reason: event.WrongSource},
		"too large":             {header: cordonHeader(), body: strings.Repeat(" ", event.MaxSize) + cordon, reason: event.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			body, subject := c.body, c.subject
			if body == "" {
				body = cordon
			}
			if subject == "" {
				subject = cordonSubject
			}
			_, err := event.Decode(subject, c.header, []byte(body), event.At{})
			wantReason(t, err, c.reason)
		})
	}
}

// What an agent publishes has the source of that cluster's agent and no other.
func TestAgentEventsComeFromTheirAgent(t *testing.T) {
	for _, source := range []string{"/operators/ann", "/clusters/eu-2/agent", "/clusters/eu-1", "/clusters/eu-1/agent/x"} {
		e := event.New(source, &event.AgentStarted{Cluster: "eu-1", Instance: "x"})
		e.ID = "1"
		_, err := event.Encode(e)
		wantReason(t, err, event.WrongSource)
	}
}

func TestEncodeRefuses(t *testing.T) {
	valid := event.New("/operators/ann", &event.ClusterCordoned{Cluster: "eu-1"})
	valid.ID = "1"
	for name, c := range map[string]struct {
		change func(*event.Event)
		reason string
	}{
		"no data":               {func(e *event.Event) { e.Data = nil }, event.BadData},
		"wildcard":              {func(e *event.Event) { e.Data = &event.ClusterCordoned{Cluster: "*"} }, event.BadData},
		"no id":                 {func(e *event.Event) { e.ID = "" }, event.BadEnvelope},
		"no source":             {func(e *event.Event) { e.Source = "" }, event.BadEnvelope},
		"source no URI":         {func(e *event.Event) { e.Source = "%zz" }, event.BadEnvelope},
		"line break in id":      {func(e *event.Event) { e.ID = "a\nb" }, event.BadEnvelope},
		"extension in capitals": {func(e *event.Event) { e.Extensions = map[string]string{"NKey": "x"} }, event.BadEnvelope},
		"extension named id":    {func(e *event.Event) { e.Extensions = map[string]string{"id": "x"} }, event.BadEnvelope},
		"two trace parents": {func(e *event.Event) {
			e.Trace.Parent = "a"
			e.Extensions = map[string]string{"traceparent": "b"}
		}, event.BadEnvelope},
		"too large": {func(e *event.Event) {
			e.Extensions = map[string]string{"blob": strings.Repeat("x", event.MaxSize)}
		}, event.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			e := valid
			c.change(&e)
			_, err := event.Encode(e)
			wantReason(t, err, c.reason)
		})
	}
}

// A publisher's own value for what would be derived wins and survives.
func TestStatedAttributesAreKept(t *testing.T) {
	e := event.New("/operators/ann", &event.ClusterCordoned{Cluster: "eu-1"})
	e.ID, e.At.Sequence = "1", 7
	e.Extensions = map[string]string{"partitionkey": "own", "sequence": "99"}
	for _, mode := range modes {
		msg, err := event.EncodeAs(mode, e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := event.Decode(msg.Subject, msg.Header, msg.Data, e.At)
		if err != nil || !reflect.DeepEqual(got.Extensions, e.Extensions) {
			t.Errorf("%s: %v, error %v, want %v", mode, got.Extensions, err, e.Extensions)
		}
	}
}

func TestSequenceAttributeTellsThePlaceInTheLog(t *testing.T) {
	e := event.New("/operators/ann", &event.ClusterCordoned{Cluster: "eu-1"})
	e.ID, e.At = "1", event.At{Stream: event.Intents, Sequence: 7}
	msg, err := event.EncodeAs(event.Binary, e)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := msg.Header["ce-sequence"], fmt.Sprint([]string{"00000000000000000007"}); fmt.Sprint(got) != want {
		t.Errorf("ce-sequence %v, want %v", got, want)
	}
	if got := msg.Header["ce-partitionkey"]; len(got) != 1 || got[0] != "eu-1" {
		t.Errorf("ce-partitionkey %v, want eu-1", got)
	}
}
