// Package telemetry holds the conventions of Fairlead's spans and metrics: every name
// and every attribute, in conventions.go, and how a trace travels with an event.
//
// Two contexts travel with a message. The header traceparent is this hop: whoever
// receives the message continues it. The event's own traceparent (ce-traceparent) is
// where the story started and no hop changes it; it outlives the message, because it is
// stored with the event. A consumer's span is the child of the hop, or of the origin where
// there is none; it has a link to the origin unless both are the same trace. What follows
// an event at once is part of its trace, what happens long after begins a new one and
// keeps the link.
//
// Tracing is an aid, never a part of the truth: causationid and correlationid rebuild
// every chain from the log alone. Nothing here may fail, block, or put an id into the
// name of a span or into a metric's attribute.
//
// The package imports the OpenTelemetry API, not the SDK: libraries use it freely and
// pay a no-op where nobody listens: no span, no measurement, no allocation. Begin reading
// at conventions.go, then providers.go, spans.go and meter.go.
package telemetry
