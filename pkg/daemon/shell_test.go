package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon"
)

// whileRunning runs a shell with one part more, act, and ends with it.
func whileRunning(t *testing.T, s *daemon.Shell, act func(context.Context) error) {
	t.Helper()
	err := s.Run(t.Context(), daemon.Part{Name: "act", Run: func(ctx context.Context, ready func()) error {
		ready()
		return act(ctx)
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func get(ctx context.Context, url, accept string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Accept", accept)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

func TestShellServesHealthOnAFreeLoopbackPort(t *testing.T) {
	var log bytes.Buffer
	s, err := daemon.Start(t.Context(), defaults(), "test", &log)
	if err != nil {
		t.Fatal(err)
	}
	s.Checks.Add("never", func(context.Context) error { return errors.New("not yet") })
	whileRunning(t, s, func(ctx context.Context) error {
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/metrics": 404, "/": 404} {
			code, _, err := get(ctx, s.URL()+path, "")
			if err != nil || code != want {
				t.Errorf("%s = %d, %v; want %d", path, code, err, want)
			}
		}
		return nil
	})
	if !strings.Contains(log.String(), s.URL()) {
		t.Errorf("the log does not say where: %q", log.String())
	}
	if _, _, err := get(t.Context(), s.URL()+"/healthz", ""); err == nil {
		t.Error("still served after the end")
	}
}

func TestShellServesNothingWithoutAnAddress(t *testing.T) {
	c := defaults()
	c.Address = ""
	s, err := daemon.Start(t.Context(), c, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	whileRunning(t, s, func(context.Context) error { return nil })
	if s.URL() != "" {
		t.Errorf("url = %q", s.URL())
	}
}

func TestStartRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, want := range map[string]int{"nowhere": daemon.ExitUsage, taken.Addr().String(): daemon.ExitFailure} {
		c := defaults()
		c.Address = address
		_, err := daemon.Start(t.Context(), c, "test", io.Discard)
		if got := daemon.ExitCode(err); got != want {
			t.Errorf("%s: %v gives %d, want %d", address, err, got, want)
		}
	}
}

func TestTelemetryIsNothingByDefault(t *testing.T) {
	s, err := daemon.Start(t.Context(), defaults(), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	_, span := s.Telemetry.Tracers.Tracer("x").Start(t.Context(), "x")
	if span.IsRecording() || s.Telemetry.Metrics != nil {
		t.Error("something records, and nobody asked")
	}
	whileRunning(t, s, func(context.Context) error { return nil })
}

func TestMetricsCarryExemplars(t *testing.T) {
	c := defaults()
	c.Metrics = true
	s, err := daemon.Start(t.Context(), c, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	meter := s.Telemetry.Meters.Meter("x")
	took, err := meter.Float64Histogram("fairlead.test.time", metric.WithUnit("s"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := sdktrace.NewTracerProvider().Tracer("x").Start(t.Context(), "x") // sampled: only those become exemplars
	took.Record(ctx, 0.25)
	span.End()
	whileRunning(t, s, func(ctx context.Context) error {
		code, body, err := get(ctx, s.URL()+"/metrics", "application/openmetrics-text; version=1.0.0")
		if err != nil || code != http.StatusOK {
			return errors.Join(err, errors.New(body))
		}
		for _, want := range []string{"fairlead_test_time_seconds_bucket", "# EOF", `service_name="fairlead-test"`,
			"go_goroutines", `trace_id="` + span.SpanContext().TraceID().String()} {
			if !strings.Contains(body, want) {
				t.Errorf("no %q in /metrics", want)
			}
		}
		return nil
	})
}

func TestSpansGoWhereOTELSays(t *testing.T) {
	bodies := make(chan []byte, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		bodies <- body
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")

	s, err := daemon.Start(t.Context(), defaults("OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var id trace.TraceID
	whileRunning(t, s, func(ctx context.Context) error {
		_, span := s.Telemetry.Tracers.Tracer("x").Start(ctx, "the span")
		id = span.SpanContext().TraceID()
		span.End()
		return nil
	})
	var body []byte
	select {
	case body = <-bodies:
	default:
		t.Fatal("the orderly stop sent nothing")
	}
	if !bytes.Contains(body, []byte("the span")) || !bytes.Contains(body, id[:]) || !bytes.Contains(body, []byte("fairlead-test")) {
		t.Errorf("the collector got %q", body)
	}
}
