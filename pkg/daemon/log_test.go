package daemon_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon"
)

func TestLoggerWritesTheSpanOfTheContext(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithSpanContext(t.Context(), span)
	var out bytes.Buffer
	log, err := daemon.NewLogger(&out, "json", "info")
	if err != nil {
		t.Fatal(err)
	}
	log.With("cluster", "eu-1").InfoContext(ctx, "hello")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["trace_id"] != span.TraceID().String() || line["span_id"] != span.SpanID().String() || line["cluster"] != "eu-1" {
		t.Errorf("line = %v", line)
	}
}

func TestLoggerKeepsItsLevelAndSaysNothingOfNoSpan(t *testing.T) {
	var out bytes.Buffer
	log, err := daemon.NewLogger(&out, "text", "warn")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("quiet")
	log.WithGroup("g").Warn("loud", "k", "v")
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "g.k=v") || strings.Contains(got, "trace_id") {
		t.Errorf("log = %q", got)
	}
}

func TestLoggerRefuses(t *testing.T) {
	for _, tc := range [][2]string{{"xml", "info"}, {"json", "loud"}} {
		if _, err := daemon.NewLogger(&bytes.Buffer{}, tc[0], tc[1]); err == nil {
			t.Errorf("%v: no error", tc)
		}
	}
}
