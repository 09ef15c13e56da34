package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/event"
)

// The W3C headers of this hop. The event's origin has the prefix ce- before them.
const (
	headerParent = "traceparent"
	headerState  = "tracestate"
)

var w3c propagation.TraceContext

// Inject writes the span of ctx into a message's header as this hop. It changes nothing
// when ctx has none.
func Inject(ctx context.Context, header map[string][]string) { w3c.Inject(ctx, carrier(header)) }

// Extract gives ctx the span that a message's header names as its hop. A header without
// one, or with a broken one, leaves ctx as it is.
func Extract(ctx context.Context, header map[string][]string) context.Context {
	return w3c.Extract(ctx, carrier(header))
}

// Origin is the span of ctx as an event carries it; zero when ctx has none.
func Origin(ctx context.Context) event.Trace {
	if !trace.SpanContextFromContext(ctx).IsValid() { // the usual case: nothing to write and read again
		return event.Trace{}
	}
	header := map[string][]string{}
	Inject(ctx, header)
	return event.Trace{Parent: carrier(header).Get(headerParent), State: carrier(header).Get(headerState)}
}

// Resume gives ctx the span in which an event's story started, so that what is begun
// under it is part of the same trace. Only what follows without delay should be: a
// trace is no place for days.
func Resume(ctx context.Context, e event.Event) context.Context {
	if e.Trace.Parent == "" {
		return ctx
	}
	return Extract(ctx, map[string][]string{headerParent: {e.Trace.Parent}, headerState: {e.Trace.State}})
}

// carrier is a NATS header. Its keys are case-sensitive, so http.Header, which makes
// Traceparent of traceparent, will not do.
type carrier map[string][]string

func (c carrier) Get(key string) string {
	if values := c[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func (c carrier) Set(key, value string) { c[key] = []string{value} }

func (c carrier) Keys() []string {
	keys := make([]string, 0, len(c))
	for key := range c {
		keys = append(keys, key)
	}
	return keys
}
