package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"fairlead.dev/pkg/event"
)

// Spans starts the spans of events. The zero value starts none.
type Spans struct{ tracer trace.Tracer }

// NewSpans takes the provider that the process has settled on; nil and the no-op
// provider give the zero value.
func NewSpans(p trace.TracerProvider) Spans {
	switch p.(type) {
	case nil, noop.TracerProvider, *noop.TracerProvider:
		return Spans{}
	}
	return Spans{tracer: p.Tracer(Scope)}
}

// On reports whether anybody listens, for what is only kept for a span.
func (s Spans) On() bool { return s.tracer != nil }

// Send starts the PRODUCER span of publishing e, under the span of ctx if it has one.
// An event that has no origin yet gets this span as its origin; one that has keeps it.
// Whoever publishes with the returned context sends the span as the message's hop; the
// caller ends it when the event is stored.
func (s Spans) Send(ctx context.Context, e *event.Event) (context.Context, trace.Span) {
	span := trace.Span(noop.Span{})
	if s.tracer != nil { // a foreign trace passes through a process that does not trace
		ctx, span = s.start(ctx, opSend, *e, trace.WithSpanKind(trace.SpanKindProducer))
	}
	if e.Trace == (event.Trace{}) {
		e.Trace = Origin(ctx)
	}
	return ctx, span
}

// Process starts the CONSUMER span of acting on e, received with header: a child of the
// hop that the header names, or of the event's origin where it names none, so that a
// story goes on through a process that does not trace. causes are further links.
func (s Spans) Process(ctx context.Context, header map[string][]string, e event.Event, causes ...trace.Link) (context.Context, trace.Span) {
	if s.tracer == nil {
		return Extract(ctx, header), noop.Span{}
	}
	hop := Extract(ctx, header)
	if !trace.SpanContextFromContext(hop).IsValid() {
		hop = Resume(ctx, e)
	}
	ctx, span := s.start(hop, opProcess, e, trace.WithSpanKind(trace.SpanKindConsumer))
	for _, cause := range causes {
		span.AddLink(cause)
	}
	return ctx, span
}

// Decide starts the span of the decision e, which began a moment ago: under the span of
// ctx, see Resume, or as a root with a link to the origin of e.
func (s Spans) Decide(ctx context.Context, e event.Event, began time.Time) (context.Context, trace.Span) {
	if s.tracer == nil {
		return ctx, noop.Span{}
	}
	return s.start(ctx, opDecide, e, trace.WithTimestamp(began))
}

// Do starts the span of an act that is no message, named by one of the Span constants,
// about an entity.
func (s Spans) Do(ctx context.Context, name, entity string, causes ...trace.Link) (context.Context, trace.Span) {
	if s.tracer == nil {
		return ctx, noop.Span{}
	}
	ctx, span := s.tracer.Start(ctx, name, trace.WithLinks(causes...))
	if span.IsRecording() {
		span.SetAttributes(keyEntity.String(entity))
	}
	return ctx, span
}

// Append starts the PRODUCER span of a batch of size messages to a stream. It has a
// link to each of the spans that made them; where all of these are of one trace it is
// one of its spans.
func (s Spans) Append(stream event.Stream, size int, made []trace.SpanContext) trace.Span {
	if s.tracer == nil {
		return noop.Span{}
	}
	ctx := context.Background()
	if alike(made) {
		ctx = trace.ContextWithSpanContext(ctx, made[0])
	}
	links := make([]trace.Link, len(made))
	for i, m := range made {
		links[i] = trace.Link{SpanContext: m}
	}
	_, span := s.tracer.Start(ctx, opAppend+" "+prefix(stream), trace.WithSpanKind(trace.SpanKindProducer), trace.WithLinks(links...),
		trace.WithAttributes(semconv.MessagingSystemKey.String(system), semconv.MessagingOperationName(opAppend),
			semconv.MessagingDestinationName(string(stream)), semconv.MessagingBatchMessageCount(size)))
	return span
}

// alike says whether there are spans, all of one trace.
func alike(spans []trace.SpanContext) bool {
	for _, s := range spans {
		if s.TraceID() != spans[0].TraceID() {
			return false
		}
	}
	return len(spans) > 0
}

// End ends a span with the error that its act ended with, if any.
func End(span trace.Span, err error) {
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, "")
	}
	span.End()
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
	return trace.Link{SpanContext: trace.SpanContextFromContext(Resume(context.Background(), e))}
}

// start is for when somebody listens. Whatever is done about an event has a link to
// where its story started, unless it is part of the same trace.
func (s Spans) start(ctx context.Context, op string, e event.Event, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	ctx, span := s.tracer.Start(ctx, names[op][e.Type()], options...)
	if !span.IsRecording() {
		return ctx, span
	}
	span.SetAttributes(about(op, e)...)
	if origin := Link(e); origin.SpanContext.IsValid() && origin.SpanContext.TraceID() != span.SpanContext().TraceID() {
		span.AddLink(origin)
	}
	return ctx, span
}

// about is set after the start, on recording spans alone: an unsampled span is then
// nearly free.
func about(op string, e event.Event) []attribute.KeyValue {
	all := []attribute.KeyValue{
		semconv.MessagingSystemKey.String(system),
		semconv.MessagingOperationName(op),
		semconv.MessagingDestinationTemplate(destinations[e.Type()]),
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
