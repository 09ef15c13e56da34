package placement

import (
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// A decision continues the trace of its submission and is counted once, by verdict.
func TestDecisionsAreTracedAndCounted(t *testing.T) {
	spans, reader := tracetest.NewSpanRecorder(), metric.NewManualReader()
	s := placed(t, func(c *Config) {
		c.Telemetry = telemetry.Providers{
			Tracers: trace.NewTracerProvider(trace.WithSpanProcessor(spans)),
			Meters:  metric.NewMeterProvider(metric.WithReader(reader)),
		}
	})
	e := event.New(event.SubmitterSource("shop", "test"), &event.WorkloadSubmitted{
		Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: "web:1", Resources: event.Resources{CPUMilli: 100}},
	})
	e.ID, e.Trace.Parent = "submit-web", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if _, err := s.mem.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	s.settle()

	if n := counted(t, reader, telemetry.MetricDecisions); n != 1 {
		t.Errorf("%d decisions counted", n)
	}
	const story = "0af7651916cd43dd8448eb211c80319c"
	told := named(spans, story)
	decide, send, batch := told["decide fairlead.placements.tenant.{name}.placement.decided"],
		told["send fairlead.placements.cluster.{name}.command.place"], told["append fairlead.placements"]
	if decide == nil || send == nil || batch == nil {
		t.Fatalf("spans of the story: %v", told)
	}
	if decide.Parent().SpanID().String() != "b7ad6b7169203331" || send.Parent().SpanID() != decide.SpanContext().SpanID() {
		t.Errorf("decision under %s, command under %s", decide.Parent().SpanID(), send.Parent().SpanID())
	}
	if batch.Parent().SpanID() != decide.SpanContext().SpanID() || len(batch.Links()) != 2 {
		t.Errorf("append under %s with %d links", batch.Parent().SpanID(), len(batch.Links()))
	}
	messages, err := s.mem.Tail(t.Context(), event.Placements, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if m.Subject != "fairlead.placements.cluster.eu-1.command.place" {
			continue
		}
		hop := api.SpanContextFromContext(telemetry.Extract(t.Context(), m.Header)).SpanID()
		if hop != send.SpanContext().SpanID() || m.Header.Get("ce-traceparent") != e.Trace.Parent {
			t.Errorf("the command's hop is %s and its origin %s", hop, m.Header.Get("ce-traceparent"))
		}
	}
}

// What is decided long after the submission has a trace of its own, with a link.
func TestLaterDecisionsBeginATrace(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	s := placed(t, func(c *Config) {
		c.Telemetry.Tracers = trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	})
	e := event.New(event.SubmitterSource("shop", "test"), &event.WorkloadSubmitted{
		Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 1, Template: event.Template{Image: "web:1"},
	})
	e.ID, e.Trace.Parent = "submit-web", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if _, err := s.mem.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	s.settle()
	before := len(spans.Ended())
	s.withdraw("web")
	s.settle()
	for _, span := range spans.Ended()[before:] {
		if span.Name() != "decide fairlead.placements.tenant.{name}.placement.decided" {
			continue
		}
		links := span.Links()
		if span.Parent().IsValid() || len(links) != 1 || links[0].SpanContext.SpanID().String() != "b7ad6b7169203331" {
			t.Errorf("parent %v, links %v", span.Parent(), links)
		}
		return
	}
	t.Error("no span of the withdrawal's decision")
}

// named gives the last span of each name in a trace.
func named(spans *tracetest.SpanRecorder, traceID string) map[string]trace.ReadOnlySpan {
	found := map[string]trace.ReadOnlySpan{}
	for _, span := range spans.Ended() {
		if span.SpanContext().TraceID().String() == traceID {
			found[span.Name()] = span
		}
	}
	return found
}

// Nobody listens by default, and then a decision with its commands costs nothing.
func TestNobodyListensAtNoCost(t *testing.T) {
	w, n := newWatcher(telemetry.Providers{}), newNotes()
	decided := event.Event{ID: "d_1", Data: &event.PlacementDecided{Tenant: "shop", Workload: "web", Verdict: event.VerdictPlaced}}
	command := event.Event{ID: "c_eu-1_1", Causation: "d_1", Data: &event.CommandPlace{Tenant: "shop", Workload: "web"}}
	decided.Trace.Parent, command.Trace.Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	read := facts{stream: event.Intents, events: []fact{{Event: decided}}}
	var r record
	cost := testing.AllocsPerRun(100, func() {
		w.reading(read)
		w.deciding()
		w.stamp(&r, decided, n)
		w.decision(decided)
		w.stamp(&r, command, n)
	})
	if cost != 0 || r.made.IsValid() {
		t.Errorf("%v allocations, made by %v", cost, r.made)
	}
}

// The lag is what the log has and the leader has not applied, asked for when the metrics
// are read, as long as the term lasts.
func TestLag(t *testing.T) {
	reader := metric.NewManualReader()
	s := placed(t, func(c *Config) { c.Telemetry.Meters = metric.NewMeterProvider(metric.WithReader(reader)) })
	end := s.loop.watch.lag(s.mem)
	for range 2 {
		s.hello("us-1")
		s.now = s.now.Add(time.Second)
	}
	if got := lags(t, reader); got["INTENTS"] != 2 || got["STATUS"] != 0 || got["CAPACITY"] != 0 || len(got) != 3 {
		t.Errorf("lag %v, want 2 of INTENTS", got)
	}
	s.settle()
	if got := lags(t, reader); got["INTENTS"] != 0 || len(got) != 3 {
		t.Errorf("lag %v when all was read", got)
	}
	end()
	if got := lags(t, reader); len(got) != 0 {
		t.Errorf("lag %v after the term", got)
	}
}

func lags(t *testing.T, reader metric.Reader) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if g, ok := m.Data.(metricdata.Gauge[float64]); ok && m.Name == telemetry.MetricLag {
			for _, p := range g.DataPoints {
				s, _ := p.Attributes.Value(telemetry.KeyStream)
				got[s.AsString()] = p.Value
			}
		}
	}
	return got
}

func counted(t *testing.T, reader metric.Reader, name string) (n int64) {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok || m.Name != name {
				continue
			}
			for _, point := range sum.DataPoints {
				n += point.Value
			}
		}
	}
	return n
}
