package telemetry_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

func recorded(t *testing.T) (telemetry.Spans, *tracetest.SpanRecorder) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	return telemetry.NewSpans(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))), recorder
}

func cordoned() event.Event {
	return event.Event{ID: "eu-1/7", Source: "/operators/ann", Data: &event.ClusterCordoned{Cluster: "eu-1"}}
}

// TestAStoryInTwoProcesses follows an event from its sender to its consumer, and the
// event that the consumer sends in answer to a third.
func TestAStoryInTwoProcesses(t *testing.T) {
	spans, recorder := recorded(t)

	e := cordoned()
	header := map[string][]string{}
	ctx, sent := spans.Send(t.Context(), &e)
	telemetry.Inject(ctx, header)
	sent.End()

	e.At.Sequence = 12
	_, processed := spans.Process(t.Context(), header, e)
	processed.End()

	all := recorder.Ended()
	producer, consumer := all[0], all[1]
	if producer.SpanKind() != trace.SpanKindProducer || consumer.SpanKind() != trace.SpanKindConsumer {
		t.Errorf("kinds = %s, %s", producer.SpanKind(), consumer.SpanKind())
	}
	if got, want := producer.Name(), "send fairlead.intents.cluster.{name}.cluster.cordoned"; got != want {
		t.Errorf("name = %q, want %q", got, want)
	}
	if consumer.Parent().SpanID() != producer.SpanContext().SpanID() || len(consumer.Links()) != 0 {
		t.Errorf("parent = %s, links = %v", consumer.Parent().SpanID(), consumer.Links())
	}
	want := map[string]string{"messaging.message.id": "eu-1/7", "cloudevents.event_source": "/operators/ann", "fairlead.sequence": "12", "messaging.operation.name": "process"}
	for _, kv := range consumer.Attributes() {
		if v, ok := want[string(kv.Key)]; ok && v == kv.Value.String() {
			delete(want, string(kv.Key))
		}
	}
	if len(want) > 0 {
		t.Errorf("missing attributes %v in %v", want, consumer.Attributes())
	}
}

func TestTheOriginIsNeverChanged(t *testing.T) {
	spans, recorder := recorded(t)
	e := cordoned()
	_, first := spans.Send(t.Context(), &e)
	origin := e.Trace
	if origin.Parent == "" {
		t.Fatal("the first sender did not become the origin")
	}

	// Sent on much later, in a trace of its own.
	header := map[string][]string{}
	ctx, again := spans.Send(t.Context(), &e)
	telemetry.Inject(ctx, header)
	if e.Trace != origin {
		t.Errorf("origin = %+v, was %+v", e.Trace, origin)
	}
	cause := trace.Link{SpanContext: again.SpanContext()}
	_, processed := spans.Process(t.Context(), header, e, cause)
	processed.End()

	consumer := recorder.Ended()[0]
	if consumer.Parent().TraceID() != again.SpanContext().TraceID() {
		t.Error("the consumer did not continue the hop")
	}
	links := consumer.Links()
	if len(links) != 2 || links[0].SpanContext.SpanID() != first.SpanContext().SpanID() || links[1].SpanContext.SpanID() != again.SpanContext().SpanID() {
		t.Errorf("links = %v, want the origin and the cause", links)
	}
}

func TestABatchIsOneSpan(t *testing.T) {
	spans, recorder := recorded(t)
	_, span := spans.Receive(t.Context(), event.Capacity, 500)
	span.End()
	if got := recorder.Ended(); len(got) != 1 || got[0].Name() != "receive CAPACITY" {
		t.Errorf("spans = %v", got)
	}
}

func TestNoNameHasAnID(t *testing.T) {
	spans, recorder := recorded(t)
	names := map[string]bool{}
	for _, entry := range event.Catalog() {
		e := event.Event{ID: "id-1", Data: entry.New()}
		_, span := spans.Send(t.Context(), &e)
		span.End()
	}
	for _, span := range recorder.Ended() {
		names[span.Name()] = true
	}
	if len(names) != len(event.Catalog()) {
		t.Errorf("%d names for %d types", len(names), len(event.Catalog()))
	}
	if !names["send fairlead.placements.fleet.placement.ticked"] {
		t.Errorf("names = %v", names)
	}
}

func TestTheZeroValueStartsNothing(t *testing.T) {
	for _, spans := range []telemetry.Spans{{}, telemetry.NewSpans(nil)} {
		e := cordoned()
		header := map[string][]string{}
		ctx, span := spans.Send(t.Context(), &e)
		telemetry.Inject(ctx, header)
		_, other := spans.Process(ctx, header, e)
		_, batch := spans.Receive(ctx, event.Status, 1)
		if span.IsRecording() || other.IsRecording() || batch.IsRecording() || len(header) != 0 || e.Trace != (event.Trace{}) {
			t.Errorf("something was recorded: header %v, origin %+v", header, e.Trace)
		}
	}
}

func TestWithoutTelemetryAForeignTraceStillPasses(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	in := map[string][]string{"traceparent": {parent}, "tracestate": {"vendor=1"}}
	ctx := telemetry.Extract(t.Context(), in)

	out := map[string][]string{}
	telemetry.Inject(ctx, out)
	if !slices.Equal(out["traceparent"], in["traceparent"]) || !slices.Equal(out["tracestate"], in["tracestate"]) {
		t.Errorf("passed on %v", out)
	}
	e := cordoned()
	telemetry.Spans{}.Send(ctx, &e)
	if e.Trace != (event.Trace{Parent: parent, State: "vendor=1"}) {
		t.Errorf("origin = %+v", e.Trace)
	}
}

func TestBrokenHeadersAreNoHop(t *testing.T) {
	for _, header := range []map[string][]string{nil, {"traceparent": {}}, {"traceparent": {"nonsense"}}, {"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}} {
		if ctx := telemetry.Extract(context.Background(), header); trace.SpanContextFromContext(ctx).IsValid() {
			t.Errorf("%v became a hop", header)
		}
	}
}

// A process that does not trace hands the story on: the next one continues the origin.
func TestAStoryGoesOnWithoutAHop(t *testing.T) {
	spans, recorder := recorded(t)
	e := cordoned()
	e.Trace.Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	_, span := spans.Process(t.Context(), nil, e)
	telemetry.End(span, errors.New("it broke"))
	got := recorder.Ended()[0]
	if got.SpanContext().TraceID().String() != "0af7651916cd43dd8448eb211c80319c" || len(got.Links()) != 0 {
		t.Errorf("trace %s, links %v", got.SpanContext().TraceID(), got.Links())
	}
	if got.Status().Code != codes.Error {
		t.Errorf("status %v of an act that failed", got.Status())
	}
}

// A batch is part of a trace that all of it belongs to, and linked to several.
func TestABatchAndItsTraces(t *testing.T) {
	spans, recorder := recorded(t)
	_, one := spans.Do(t.Context(), telemetry.SpanApply, "shop/web")
	_, other := spans.Do(t.Context(), telemetry.SpanApply, "shop/api")
	for _, tc := range []struct {
		made  []trace.SpanContext
		under trace.TraceID
	}{
		{nil, trace.TraceID{}},
		{[]trace.SpanContext{one.SpanContext(), one.SpanContext()}, one.SpanContext().TraceID()},
		{[]trace.SpanContext{one.SpanContext(), other.SpanContext()}, trace.TraceID{}},
	} {
		spans.Append(event.Placements, 9, tc.made).End()
		got := recorder.Ended()[len(recorder.Ended())-1]
		if got.Name() != "append fairlead.placements" || len(got.Links()) != len(tc.made) || got.Parent().TraceID() != tc.under {
			t.Errorf("%s with %d links under %s, want %d under %s", got.Name(), len(got.Links()), got.Parent().TraceID(), len(tc.made), tc.under)
		}
	}
}

// Nobody listens by default, and then an event costs nothing.
func TestNobodyListensAtNoCost(t *testing.T) {
	nowhere := telemetry.Nowhere()
	for name, p := range map[string]telemetry.Providers{"nil": {}, "no-op": nowhere} {
		spans, e := p.Spans(), cordoned()
		counts := telemetry.NewCounts(p.Meter(), telemetry.MetricEvents, "{event}", telemetry.KeyStream, event.Streams()...)
		times := telemetry.NewTimes(p.Meter(), telemetry.MetricApplyTime, telemetry.KeyResult, "stored")
		gauge := p.Meter().Gauge(telemetry.MetricHeld, "{workload}")
		header, ctx := map[string][]string{}, t.Context()
		cost := testing.AllocsPerRun(100, func() {
			sending, span := spans.Send(ctx, &e)
			telemetry.Inject(sending, header)
			telemetry.End(span, nil)
			_, span = spans.Process(ctx, header, e)
			span.End()
			_, span = spans.Decide(ctx, e, e.Time)
			span.End()
			_, span = spans.Do(ctx, telemetry.SpanApply, "x")
			span.End()
			spans.Append(event.Placements, 1, nil).End()
			counts.Add(ctx, 1, event.Intents)
			times.Record(ctx, 1, "stored")
			gauge.Record(ctx, 1)
		})
		if spans.On() || p.Meter().On() || cost != 0 {
			t.Errorf("%s: on %v, %v; %v allocations for an event", name, spans.On(), p.Meter().On(), cost)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	never := sdktrace.WithSampler(sdktrace.NeverSample())
	for name, spans := range map[string]telemetry.Spans{
		"nobody listens": telemetry.Nowhere().Spans(),
		"not sampled":    telemetry.NewSpans(sdktrace.NewTracerProvider(never)),
		"sampled":        telemetry.NewSpans(sdktrace.NewTracerProvider()),
	} {
		b.Run(name, func(b *testing.B) {
			e := cordoned()
			b.ReportAllocs()
			for b.Loop() {
				_, span := spans.Send(b.Context(), &e)
				span.End()
			}
		})
	}
}
