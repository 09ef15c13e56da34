package placement

import (
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// A decision continues the trace of its submission and is counted once, by verdict.
func TestDecisionsAreTracedAndCounted(t *testing.T) {
	spans, reader := tracetest.NewSpanRecorder(), metric.NewManualReader()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(spans)))
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))
	t.Cleanup(func() {
		otel.SetTracerProvider(tracenoop.NewTracerProvider())
		otel.SetMeterProvider(noop.NewMeterProvider())
	})
	s := placed(t)
	e := event.New(event.SubmitterSource("shop", "test"), &event.WorkloadSubmitted{
		Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: "web:1", Resources: event.Resources{CPUMilli: 100}},
	})
	e.ID, e.Trace.Parent = "submit-web", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if _, err := s.mem.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	s.settle()

	decisions, appends := 0, 0
	for _, span := range spans.Ended() {
		switch {
		case span.Name() == spanAppend:
			appends++
		case span.SpanContext().TraceID().String() == "0af7651916cd43dd8448eb211c80319c":
			decisions++
		}
	}
	if decisions != 1 || appends == 0 {
		t.Errorf("%d spans of the decision, %d of appends", decisions, appends)
	}
	if n := counted(t, reader, telemetry.MetricDecisions); n != 1 {
		t.Errorf("%d decisions counted", n)
	}
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
