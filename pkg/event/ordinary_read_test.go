package event

import (
	"errors"
	"reflect"
	"testing"

	"github.com/nats-io/nats.go"
)

// FuzzReadOrdinaryBody and FuzzReadOrdinaryHeader hold what is read in one scan against
// what is read through the envelope: the same event, or the same reason against it.
func FuzzReadOrdinaryBody(f *testing.F) {
	const head = `{"specversion":"1.0","id":"1","source":"/operators/ann","type":"dev.fairlead.cluster.cordoned.v1"`
	for _, tail := range []string{
		`,"data":{"cluster":"eu-1"}}`, `,"data":{"cluster":"eu-1"},"sequence":"00000000000000000003","partitionkey":"eu-1"}`,
		`,"data":{"cluster":"eu-1","reason":"\"}]\\"}}`, `,"data":{"cluster":"eu-1"],"x":{}}`, `,"data":{"cluster":"eu-1"}}}`,
		`,"subject":"eu-1","datacontenttype":"application/json","time":"2026-11-22T18:30:00.5+01:00","data":{"cluster":"eu-1"}}`,
		`,"partitionkey":"own","data":{"cluster":"eu-1"}}`, `,"sequence":"9","data":{"cluster":"eu-1"}}`, `}`, `,"data":{}}`,
		`,"id":"2","data":{"cluster":"eu-1"}}`, `,"data":{"cluster":"eu-1"},"data":{"cluster":"eu-1"}}`, `,"data":null}`,
		`,"traceparent":"a","tracestate":"b","causationid":"c","correlationid":"d","data":{"cluster":"eu-1"}}`,
		`,"own":"x","data":{"cluster":"eu-1"}}`, ` ,"data":{"cluster":"eu-1"}}`, `,"time":"noon","data":{"cluster":"eu-1"}}`,
		`,"subject":"eu-2","data":{"cluster":"eu-1"}}`, `,"data":{"cluster":"*"}}`, `,"data":{"cluster":"eu-1",}}`,
	} {
		f.Add([]byte(head+tail), "x-other", "")
		f.Add([]byte(head+tail), "Content-Type", "text/plain")
		f.Add([]byte(head+tail), "CE-id", "7")
	}
	f.Fuzz(func(t *testing.T, body []byte, key, value string) {
		bothWays(t, nats.Header{key: {value}, contentTypeKey: {structuredType}}, body)
	})
}

func FuzzReadOrdinaryHeader(f *testing.F) {
	data := []byte(`{"cluster":"eu-1"}`)
	f.Add("1", "/operators/ann", "dev.fairlead.cluster.cordoned.v1", "2026-11-22T18:30:00Z", "ce-subject", "eu-1", data)
	f.Add("a%20b", "/operators/ann", "dev.fairlead.cluster.cordoned.v1", "", "ce-own", "x", data)
	f.Add("1", "/a%2f", "dev.fairlead.cluster.cordoned.v1", "noon", "Ce-Subject", "eu-1", data)
	f.Add("1", "/clusters/eu-2/agent", "dev.fairlead.cluster.cordoned.v1", "", "ce-partitionkey", "eu-2", data)
	f.Add("1", "/operators/ann", "dev.fairlead.agent.started.v1", "", "ce-sequence", "00000000000000000003", data)
	f.Add("", "", "", "", "CONTENT-TYPE", "application/json", []byte("null"))
	f.Fuzz(func(t *testing.T, id, source, typ, at, key, value string, data []byte) {
		h := nats.Header{
			"ce-specversion": {specVersion}, "ce-id": {id}, "ce-source": {source}, "ce-type": {typ}, "Nats-Msg-Id": {"x"},
			contentTypeKey: {jsonType},
		}
		if at != "" {
			h["ce-time"] = []string{at}
		}
		if _, there := h[key]; !there {
			h[key] = []string{value}
		}
		bothWays(t, h, data)
	})
}

func bothWays(t *testing.T, h nats.Header, body []byte) {
	t.Helper()
	const subject = "fairlead.intents.cluster.eu-1.cluster.cordoned"
	at := At{Stream: Intents, Sequence: 3}
	got, err := Decode(subject, h, body, at)
	want, refused := decodeAny(subject, h, body, at)
	if !reflect.DeepEqual(got, want) || reasonOf(err) != reasonOf(refused) {
		t.Errorf("%s %s\ngot  %+v, %v\nwant %+v, %v", h, body, got, err, want, refused)
	}
}

func reasonOf(err error) string {
	var bad *Invalid
	if errors.As(err, &bad) {
		return bad.Reason
	}
	return ""
}

// What this package writes it reads in one scan.
func TestWhatIsOrdinaryIsReadAsSuch(t *testing.T) {
	e := Event{
		ID: "1", Source: OperatorSource("ann"), Data: &ClusterCordoned{Cluster: "eu-1", Reason: "a \"word\" {"},
		Causation: "c", Correlation: "d", Trace: Trace{Parent: "p", State: "s"}, At: At{Stream: Intents, Sequence: 3},
	}
	for _, mode := range []Mode{Structured, Binary} {
		msg, err := EncodeAs(mode, e)
		if err != nil {
			t.Fatal(err)
		}
		msg.Header.Set("Nats-Msg-Id", "x")
		o, data, ok := readOrdinary(msg.Header, msg.Data)
		if !ok {
			t.Fatalf("%s: %s %s is not ordinary", mode, msg.Header, msg.Data)
		}
		p, bad := readPayload(o.row, data)
		if bad != nil {
			t.Fatal(bad)
		}
		if got, ok := o.event(p, e.At); !ok || !reflect.DeepEqual(got, e) {
			t.Errorf("%s: got %+v, want %+v", mode, got, e)
		}
	}
}
