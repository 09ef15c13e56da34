package event

import (
	"bytes"
	"maps"
	"testing"
)

// FuzzOrdinaryBody holds what is read in one go against what the SDK reads.
func FuzzOrdinaryBody(f *testing.F) {
	const plain = `{"specversion":"1.0","id":"1","source":"/operators/ann","type":"dev.fairlead.cluster.cordoned.v1"`
	for _, tail := range []string{
		`,"data":{"cluster":"eu-1"}}`, `,"data": null }`, `}`, `,"time":"2026-11-22T18:30:00.5+01:00","subject":"eu-1","data":{}}`,
		`,"datacontenttype":"text/plain","data":"x"}`, `,"datacontenttype":"text/json; charset=utf-8","data":[1]}`,
		`,"data_base64":"e30="}`, `,"dataschema":"x"}`, `,"count":15,"flag":true,"none":null}`, `,"traceparent":"a\u0062"}`,
		`,"time":""}`, `,"time":"yesterday"}`, `,"subject":" "}`, `,"sequence":"é"}`, `,"schemaurl":"a","datacontentencoding":"base64"}`,
	} {
		f.Add([]byte(plain + tail))
	}
	f.Add([]byte(`{"data":{"a":1},"type":"t","source":"s:x","id":"1","specversion":"1.0"}`))
	f.Add([]byte(`{"specversion":"0.3","id":"1","source":"/a","type":"t"}`))
	f.Add([]byte(`{"specversion":"1.0","id":"1","source":"%zz","type":"t"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got envelope
		found, err := members(body, &got)
		if err != nil || !found.version || !found.ordinary {
			return
		}
		want, err := openAny(body)
		if err != nil {
			t.Fatalf("ordinary, but the SDK says: %v", err)
		}
		if got.String() != want.String() || !maps.Equal(got.Extensions, want.Extensions) || !bytes.Equal(trim(got.data), trim(want.data)) {
			t.Errorf("got  %+v %s\nwant %+v %s", got.EventContextV1, got.data, want.EventContextV1, want.data)
		}
	})
}

func trim(b []byte) []byte { return bytes.TrimSpace(b) }
