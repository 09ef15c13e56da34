package telemetry_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// collect gives the data of every metric by name.
func collect(t *testing.T, reader sdkmetric.Reader) map[string]metricdata.Aggregation {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	found := map[string]metricdata.Aggregation{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			found[m.Name] = m.Data
		}
	}
	return found
}

func TestInstrumentsTellWhoListens(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	m := telemetry.NewMeter(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	counts := telemetry.NewCounts(m, "counts", "{event}", telemetry.KeyStream, event.Intents, event.Status)
	times := telemetry.NewTimes(m, "times", telemetry.KeyResult, "stored")
	level := m.Level("level", "{event}")
	stop := m.Ask("asked", "s", func(_ context.Context, tell func(float64, ...metric.ObserveOption)) {
		tell(7, telemetry.Preset(telemetry.KeyStream, event.Intents))
	})
	counts.Add(t.Context(), 2, event.Intents)
	counts.Add(t.Context(), 1, event.Capacity) // not preset
	times.Record(t.Context(), .5, "stored")
	level.Add(t.Context(), 3)
	level.Add(t.Context(), -1)

	found := collect(t, reader)
	counted := map[string]int64{}
	for _, p := range found["counts"].(metricdata.Sum[int64]).DataPoints {
		v, _ := p.Attributes.Value(telemetry.KeyStream)
		counted[v.AsString()] = p.Value
	}
	if len(counted) != 2 || counted["INTENTS"] != 2 || counted[""] != 1 {
		t.Errorf("counted %v", counted)
	}
	if p := found["times"].(metricdata.Histogram[float64]).DataPoints; len(p) != 1 || p[0].Sum != .5 || len(p[0].Bounds) != len(telemetry.Seconds) {
		t.Errorf("times %+v", p)
	}
	if p := found["level"].(metricdata.Sum[int64]).DataPoints; p[0].Value != 2 {
		t.Errorf("level %+v", p)
	}
	if p := found["asked"].(metricdata.Gauge[float64]).DataPoints; p[0].Value != 7 {
		t.Errorf("asked %+v", p)
	}
	stop()
	if p, still := collect(t, reader)["asked"]; still {
		t.Errorf("asked after the end: %+v", p)
	}
}

// A name that the SDK refuses stops nothing.
func TestABadNameMeasuresNothing(t *testing.T) {
	m := telemetry.NewMeter(sdkmetric.NewMeterProvider())
	m.Counter("1 is no name", "").Add(t.Context(), 1)
	m.Ask("1 is no name", "", func(context.Context, func(float64, ...metric.ObserveOption)) {})()
}
