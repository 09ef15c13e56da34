package telemetry_test

import (
	"context"
	"slices"
	"testing"

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

func BenchmarkSendNobodyListens(b *testing.B) {
	var spans telemetry.Spans
	e := cordoned()
	b.ReportAllocs()
	for b.Loop() {
		_, span := spans.Send(b.Context(), &e)
		span.End()
	}
}
