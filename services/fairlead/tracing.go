package fairlead

import (
	"context"
	"fmt"
	"time"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"go.opentelemetry.io/otel/trace"
)

// lastSpans is how long the end of a command line waits for its spans to be sent: a
// collector that does not answer holds nobody up.
const lastSpans = 2 * time.Second

// called gives ctx the span of whoever called this program, as TRACEPARENT and
// TRACESTATE name it: what is published is part of that trace even where no OTEL_*
// variable asks for spans of our own.
func (s *Session) called(ctx context.Context) context.Context {
	return telemetry.Resume(ctx, event.Event{Trace: event.Trace{Parent: s.Getenv("TRACEPARENT"), State: s.Getenv("TRACESTATE")}})
}

// tracing is where the spans of this process go: where OTEL_* says, or nowhere. service
// names the process in them. The caller calls end, which sends what still waits.
func (s *Session) tracing(ctx context.Context, service string) (p telemetry.Providers, end func(), err error) {
	if !daemon.TracesAsked(s.Environ) {
		return telemetry.Providers{}, func() {}, nil
	}
	shell, err := daemon.Start(ctx, daemon.Config{LogFormat: "text", LogLevel: "warn", Traces: true, Grace: lastSpans}, service, s.Err)
	if err != nil {
		return telemetry.Providers{}, nil, fmt.Errorf("start tracing: %w", err)
	}
	return shell.Telemetry.Providers, func() {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSpans)
		defer cancel()
		if err := shell.Telemetry.Shutdown(late); err != nil {
			_ = s.talk().Linef("fairlead: spans are lost: %v", err)
		}
	}, nil
}

// submission is the story of one workload that is submitted: the root of its trace, or
// a part of the caller's, and the sending of its event.
type submission struct{ submit, send trace.Span }

// begin starts the story of an event, and makes it the event's origin.
func begin(ctx context.Context, spans telemetry.Spans, e *event.Event) submission {
	ctx, submit := spans.Do(ctx, telemetry.SpanSubmit, e.Data.Entity())
	_, send := spans.Send(ctx, e)
	return submission{submit, send}
}

func (s submission) end(err error) {
	telemetry.End(s.send, err)
	telemetry.End(s.submit, err)
}
