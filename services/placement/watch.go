package placement

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// The two names that package telemetry does not have yet.
const (
	spanAppend     = "append fairlead.placements"
	metricInFlight = "fairlead.log.append.inflight" // {batch} sent, not acknowledged
)

// watcher is what the leader tells of itself as spans and metrics. Nothing depends on
// it, and its clock measures durations only: the step function never sees a time.
type watcher struct {
	spans  telemetry.Spans
	tracer trace.Tracer

	decided, events, deadLetters metric.Int64Counter
	decideTime, appendTime       metric.Float64Histogram
	appendSize                   metric.Int64Histogram
	inFlight, held, epoch        metric.Int64Gauge

	verdicts map[event.Verdict]metric.MeasurementOption
	streams  map[event.Stream]metric.MeasurementOption
	flying   map[*batch]flying
}

// flying is a batch between its sending and its outcome.
type flying struct {
	since time.Time
	span  trace.Span
}

// newWatcher takes the process's own providers, which tell nobody unless main set them.
func newWatcher() *watcher {
	w := &watcher{
		spans:    telemetry.NewSpans(otel.GetTracerProvider()),
		tracer:   otel.GetTracerProvider().Tracer(telemetry.Scope),
		verdicts: map[event.Verdict]metric.MeasurementOption{},
		streams:  map[event.Stream]metric.MeasurementOption{},
		flying:   map[*batch]flying{},
	}
	w.instruments(otel.GetMeterProvider().Meter(telemetry.Scope))
	for _, v := range []event.Verdict{event.VerdictPlaced, event.VerdictScaled, event.VerdictMoved, event.VerdictUpdated,
		event.VerdictHeld, event.VerdictRefused, event.VerdictEvicted, event.VerdictWithdrawn} {
		w.verdicts[v] = preset(telemetry.KeyVerdict.String(string(v)))
	}
	for _, s := range event.Streams() {
		w.streams[s] = preset(telemetry.KeyStream.String(string(s)))
	}
	return w
}

func preset(kv ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(kv...))
}

func (w *watcher) instruments(m metric.Meter) {
	seconds := metric.WithExplicitBucketBoundaries(telemetry.Seconds...)
	w.decided = counter(m, telemetry.MetricDecisions, "{decision}")
	w.events = counter(m, telemetry.MetricEvents, "{event}")
	w.deadLetters = counter(m, telemetry.MetricDeadLetters, "{message}")
	w.inFlight = gauge(m, metricInFlight, "{batch}")
	w.held = gauge(m, telemetry.MetricHeld, "{workload}")
	w.epoch = gauge(m, telemetry.MetricLeaderEpoch, "{epoch}")
	var err error
	if w.decideTime, err = m.Float64Histogram(telemetry.MetricDecideTime, metric.WithUnit("s"), seconds); err != nil {
		otel.Handle(err)
		w.decideTime = noop.Float64Histogram{}
	}
	if w.appendTime, err = m.Float64Histogram(telemetry.MetricAppendTime, metric.WithUnit("s"), seconds); err != nil {
		otel.Handle(err)
		w.appendTime = noop.Float64Histogram{}
	}
	sizes := metric.WithExplicitBucketBoundaries(1, 3, 10, 30, 100, 300, 600, 900, 1000)
	if w.appendSize, err = m.Int64Histogram(telemetry.MetricAppendSize, metric.WithUnit("{message}"), sizes); err != nil {
		otel.Handle(err)
		w.appendSize = noop.Int64Histogram{}
	}
}

func counter(m metric.Meter, name, unit string) metric.Int64Counter {
	c, err := m.Int64Counter(name, metric.WithUnit(unit))
	if err != nil {
		otel.Handle(err)
		return noop.Int64Counter{}
	}
	return c
}

func gauge(m metric.Meter, name, unit string) metric.Int64Gauge {
	g, err := m.Int64Gauge(name, metric.WithUnit(unit))
	if err != nil {
		otel.Handle(err)
		return noop.Int64Gauge{}
	}
	return g
}

// now is when something began.
func (w *watcher) now() time.Time { return time.Now() }

// deciding records one decision: e, begun at began. Its span continues the trace of
// the submission, so that a trace runs from there over the command to the status.
func (w *watcher) deciding(e event.Event, began time.Time) {
	d, ok := e.Data.(*event.PlacementDecided)
	if !ok {
		return
	}
	ctx := context.Background()
	w.decideTime.Record(ctx, time.Since(began).Seconds())
	w.decided.Add(ctx, 1, w.verdicts[d.Verdict])
	if e.Trace.Parent == "" {
		return
	}
	origin := map[string][]string{"traceparent": {e.Trace.Parent}, "tracestate": {e.Trace.State}}
	_, span := w.spans.Process(ctx, origin, e)
	span.End()
}

// reading records what came from a stream; the span links to where its events began.
func (w *watcher) reading(f facts) {
	ctx := context.Background()
	w.events.Add(ctx, int64(len(f.events)), w.streams[f.stream])
	_, span := w.spans.Receive(ctx, f.stream, len(f.events))
	if span.IsRecording() {
		for _, e := range f.events {
			if e.Trace.Parent != "" {
				span.AddLink(telemetry.Link(e.Event))
			}
		}
	}
	span.End()
}

// sending and settled record one append.
func (w *watcher) sending(b *batch) {
	_, span := w.tracer.Start(context.Background(), spanAppend, trace.WithSpanKind(trace.SpanKindProducer))
	w.flying[b] = flying{time.Now(), span}
	w.appendSize.Record(context.Background(), int64(len(b.records)))
	w.inFlight.Record(context.Background(), int64(len(w.flying)))
}

func (w *watcher) settled(b *batch, err error) {
	f, ok := w.flying[b]
	if !ok {
		return
	}
	delete(w.flying, b)
	w.appendTime.Record(context.Background(), time.Since(f.since).Seconds())
	w.inFlight.Record(context.Background(), int64(len(w.flying)))
	if err != nil {
		f.span.RecordError(err)
	}
	f.span.End()
}

// buried records a dead letter.
func (w *watcher) buried(s event.Stream, why error) {
	w.deadLetters.Add(context.Background(), 1, metric.WithAttributes(
		telemetry.KeyStream.String(string(s)), telemetry.KeyReason.String(reasonOf(why))))
}

// leading records what the state holds, now and then.
func (w *watcher) leading(epoch uint64, held int) {
	w.epoch.Record(context.Background(), int64(epoch))
	w.held.Record(context.Background(), int64(held))
}

// reasonOf is the bounded word for why a message is no event.
func reasonOf(err error) string {
	var invalid *event.Invalid
	if errors.As(err, &invalid) {
		return invalid.Reason
	}
	return event.NotAnEvent
}
