package telemetry

import (
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"
)

// Providers say where a process's spans and measurements go; main hands them to the
// service. The zero value is nowhere, and so are the no-op providers of the API.
type Providers struct {
	Tracers trace.TracerProvider
	Meters  metric.MeterProvider
}

// Nowhere are the no-op providers, for code that calls them without asking.
func Nowhere() Providers {
	return Providers{Tracers: notrace.NewTracerProvider(), Meters: nometric.NewMeterProvider()}
}

// Spans are the spans of events, sent to p.
func (p Providers) Spans() Spans { return NewSpans(p.Tracers) }

// Meter makes instruments that are read by p.
func (p Providers) Meter() Meter { return NewMeter(p.Meters) }
