package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"fairlead.dev/pkg/event"
)

// Spans starts the spans of events. The zero value starts none.
type Spans struct{ tracer trace.Tracer }

// NewSpans takes the provider that the process has settled on; nil is as the zero value.
func NewSpans(p trace.TracerProvider) Spans {
	if p == nil {
		return Spans{}
	}
	return Spans{tracer: p.Tracer(Scope)}
}

// Send starts the PRODUCER span of publishing e, under the span of ctx if it has one.
// An event that has no origin yet gets this span as its origin; one that has keeps it.
// The caller passes the returned context to Inject, and ends the span when the event
// is stored.
func (s Spans) Send(ctx context.Context, e *event.Event) (context.Context, trace.Span) {
	ctx, span := s.start(ctx, opSend, *e, trace.SpanKindProducer)
	if e.Trace == (event.Trace{}) {
		e.Trace = Origin(ctx)
	}
	return ctx, span
}

// Process starts the CONSUMER span of acting on e, received with header: a child of the
// hop that the header names, with a link to where the event's story started and to
// whatever else led here (see Link). Without a hop in the header it is a root.
func (s Spans) Process(ctx context.Context, header map[string][]string, e event.Event, causes ...trace.Link) (context.Context, trace.Span) {
	ctx = Extract(ctx, header)
	hop := trace.SpanContextFromContext(ctx)
	ctx, span := s.start(ctx, opProcess, e, trace.SpanKindConsumer)
	if !span.IsRecording() {
		return ctx, span
	}
	if origin := Link(e); origin.SpanContext.TraceID() != hop.TraceID() {
		span.AddLink(origin)
	}
	for _, cause := range causes {
		span.AddLink(cause)
	}
	return ctx, span
}

// Receive starts the one span of a batch of size messages from a stream. Its events are
// not its children: each has a story of its own.
func (s Spans) Receive(ctx context.Context, stream event.Stream, size int) (context.Context, trace.Span) {
	if s.tracer == nil {
		return ctx, noop.Span{}
	}
	return s.tracer.Start(ctx, opReceive+" "+string(stream), trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(semconv.MessagingSystemKey.String(system), semconv.MessagingOperationName(opReceive),
			semconv.MessagingDestinationName(string(stream)), semconv.MessagingBatchMessageCount(size)))
}

// Link points at where an event's story started, for a span that the event led to. It
// is not valid for an event without an origin; the SDK then leaves it out.
func Link(e event.Event) trace.Link {
	ctx := Extract(context.Background(), map[string][]string{
		headerParent: {e.Trace.Parent}, headerState: {e.Trace.State},
	})
	return trace.Link{SpanContext: trace.SpanContextFromContext(ctx)}
}

// start leaves ctx alone when nobody listens, so that a foreign trace still passes
// through it.
func (s Spans) start(ctx context.Context, op string, e event.Event, kind trace.SpanKind) (context.Context, trace.Span) {
	if s.tracer == nil {
		return ctx, noop.Span{}
	}
	ctx, span := s.tracer.Start(ctx, op+" "+destination(e.Type()), trace.WithSpanKind(kind))
	if span.IsRecording() {
		span.SetAttributes(about(op, e)...)
	}
	return ctx, span
}

// about is set after the start, on recording spans alone: an unsampled span is then
// nearly free.
func about(op string, e event.Event) []attribute.KeyValue {
	all := []attribute.KeyValue{
		semconv.MessagingSystemKey.String(system),
		semconv.MessagingOperationName(op),
		semconv.MessagingDestinationTemplate(destination(e.Type())),
		semconv.MessagingMessageID(e.ID),
		keyEventType.String(string(e.Type())),
		keyEventSource.String(e.Source),
		keyEventID.String(e.ID),
		keyEntity.String(e.Data.Entity()),
	}
	if e.At.Sequence != 0 {
		all = append(all, keySequence.Int64(int64(e.At.Sequence)))
	}
	return all
}
