package telemetry

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// Meter makes instruments. One that cannot be made is told to the OpenTelemetry error
// handler and measures nothing: metrics never stop a service.
type Meter struct {
	meter metric.Meter
	on    bool
}

// NewMeter takes the provider that the process has settled on; nil measures nothing.
func NewMeter(p metric.MeterProvider) Meter {
	switch p.(type) {
	case nil, noop.MeterProvider, *noop.MeterProvider:
		return Meter{meter: noop.Meter{}}
	}
	return Meter{meter: p.Meter(Scope), on: true}
}

// On reports whether anybody listens, for what is only counted to be measured.
func (m Meter) On() bool { return m.on }

// Counter counts what happens.
func (m Meter) Counter(name, unit string) metric.Int64Counter {
	c, err := m.meter.Int64Counter(name, metric.WithUnit(unit))
	return sound(c, err, metric.Int64Counter(noop.Int64Counter{}))
}

// Level counts up and down, so that the parts of a process add up.
func (m Meter) Level(name, unit string) metric.Int64UpDownCounter {
	c, err := m.meter.Int64UpDownCounter(name, metric.WithUnit(unit))
	return sound(c, err, metric.Int64UpDownCounter(noop.Int64UpDownCounter{}))
}

// Gauge keeps the last value.
func (m Meter) Gauge(name, unit string) metric.Int64Gauge {
	g, err := m.meter.Int64Gauge(name, metric.WithUnit(unit))
	return sound(g, err, metric.Int64Gauge(noop.Int64Gauge{}))
}

// Seconds is a histogram of durations.
func (m Meter) Seconds(name string) metric.Float64Histogram {
	h, err := m.meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(Seconds...))
	return sound(h, err, metric.Float64Histogram(noop.Float64Histogram{}))
}

// Sizes is a histogram of whole numbers with bounds of its own.
func (m Meter) Sizes(name, unit string, bounds ...float64) metric.Int64Histogram {
	h, err := m.meter.Int64Histogram(name, metric.WithUnit(unit), metric.WithExplicitBucketBoundaries(bounds...))
	return sound(h, err, metric.Int64Histogram(noop.Int64Histogram{}))
}

// Ask is a gauge whose values are asked for when somebody reads the metrics, and only
// then. ask must end soon; stop ends the asking.
func (m Meter) Ask(name, unit string, ask func(ctx context.Context, tell func(float64, ...metric.ObserveOption))) (stop func()) {
	g, err := m.meter.Float64ObservableGauge(name, metric.WithUnit(unit))
	if err != nil {
		otel.Handle(err)
		return func() {}
	}
	asked, err := m.meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		ask(ctx, func(value float64, options ...metric.ObserveOption) { o.ObserveFloat64(g, value, options...) })
		return nil
	}, g)
	if err != nil {
		otel.Handle(err)
		return func() {}
	}
	return func() { _ = asked.Unregister() } // it fails for what is not registered alone
}

func sound[T any](instrument T, err error, otherwise T) T {
	if err != nil {
		otel.Handle(err)
		return otherwise
	}
	return instrument
}

// Preset is an attribute that is made once, not for every measurement.
func Preset[K ~string](key attribute.Key, value K) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(key.String(string(value))))
}

// Counts is a counter by one attribute whose values are known beforehand. The zero
// value counts nothing.
type Counts[K ~string] struct {
	counter metric.Int64Counter
	by      map[K][]metric.AddOption
}

// NewCounts presets the attribute key for the values.
func NewCounts[K ~string](m Meter, name, unit string, key attribute.Key, values ...K) Counts[K] {
	if !m.on {
		return Counts[K]{}
	}
	c := Counts[K]{m.Counter(name, unit), map[K][]metric.AddOption{}}
	for _, v := range values {
		c.by[v] = []metric.AddOption{Preset(key, v)}
	}
	return c
}

// Add counts n of a value; one that was not preset counts without attribute.
func (c Counts[K]) Add(ctx context.Context, n int64, value K) {
	if c.counter != nil {
		c.counter.Add(ctx, n, c.by[value]...)
	}
}

// Times is a histogram of durations, in seconds, by one attribute. The zero value
// measures nothing.
type Times[K ~string] struct {
	histogram metric.Float64Histogram
	by        map[K][]metric.RecordOption
}

// NewTimes presets the attribute key for the values.
func NewTimes[K ~string](m Meter, name string, key attribute.Key, values ...K) Times[K] {
	if !m.on {
		return Times[K]{}
	}
	t := Times[K]{m.Seconds(name), map[K][]metric.RecordOption{}}
	for _, v := range values {
		t.by[v] = []metric.RecordOption{Preset(key, v)}
	}
	return t
}

// Record takes one duration; a value that was not preset goes without attribute.
func (t Times[K]) Record(ctx context.Context, seconds float64, value K) {
	if t.histogram != nil {
		t.histogram.Record(ctx, seconds, t.by[value]...)
	}
}
