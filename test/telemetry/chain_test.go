package telemetry

import (
	"slices"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// chapters are the spans of one workload's story, each under the one named beside it.
var chapters = []struct{ name, under string }{
	{"submit", ""},
	{"send fairlead.intents.tenant.{name}.workload.submitted", "submit"},
	{"decide fairlead.placements.tenant.{name}.placement.decided", "send fairlead.intents.tenant.{name}.workload.submitted"},
	{"send fairlead.placements.cluster.{name}.command.place", "decide fairlead.placements.tenant.{name}.placement.decided"},
	{"append fairlead.placements", "decide fairlead.placements.tenant.{name}.placement.decided"},
	{"process fairlead.placements.cluster.{name}.command.place", "send fairlead.placements.cluster.{name}.command.place"},
	{"apply", "process fairlead.placements.cluster.{name}.command.place"},
	{"send fairlead.status.cluster.{name}.workload.status.reported", "process fairlead.placements.cluster.{name}.command.place"},
}

// A workload is one trace from the command line, over placement and the agent, to the
// status that says it is ready, although each of them has a provider of its own.
func TestAWorkloadIsOneTrace(t *testing.T) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	f := newFleet(t, telemetry.Providers{Tracers: provider})
	t.Setenv("OTEL_TRACES_EXPORTER", "memory") // for the SDK; Environ is for the command line
	f.submit("web", "OTEL_TRACES_EXPORTER=memory")
	f.stop()

	all := spans.GetSpans()
	story := trace.TraceID{}
	for _, s := range all {
		if s.Name == "submit" {
			story = s.SpanContext.TraceID()
		}
	}
	told := map[string]tracetest.SpanStub{} // the last of each name: the first decision may have been to wait for a report
	for _, s := range all {
		if s.SpanContext.TraceID() == story {
			told[s.Name] = s
		}
	}
	for _, c := range chapters {
		s, ok := told[c.name]
		if want := told[c.under].SpanContext.SpanID(); !ok || s.Parent.SpanID() != want {
			t.Errorf("%q: told %v, under %s, want under %q, %s", c.name, ok, s.Parent.SpanID(), c.under, want)
		}
	}
	if len(told) != len(chapters) {
		t.Errorf("%d kinds of spans in the story, want %d", len(told), len(chapters))
	}
	links(t, all, told)
}

// links checks that batches are linked to what they are made of, and that nothing else
// in the story needs a link to it.
func links(t *testing.T, all tracetest.SpanStubs, told map[string]tracetest.SpanStub) {
	t.Helper()
	linked := map[string][]trace.SpanID{}
	for _, s := range all {
		for _, l := range s.Links {
			linked[s.Name] = append(linked[s.Name], l.SpanContext.SpanID())
		}
	}
	for batch, parts := range map[string][]string{
		"append fairlead.placements": {chapters[2].name, chapters[3].name},
		"receive INTENTS":            {chapters[1].name},
		"receive STATUS":             {chapters[1].name}, // a status has its origin where the submission had
	} {
		for _, part := range parts {
			if !slices.Contains(linked[batch], told[part].SpanContext.SpanID()) {
				t.Errorf("%q has no link to %q", batch, part)
			}
		}
	}
	for _, c := range chapters {
		if c.name != "append fairlead.placements" && len(told[c.name].Links) > 0 {
			t.Errorf("%q has links: %v", c.name, told[c.name].Links)
		}
	}
}

// Without any tracing the log alone tells the story: status by command, command by
// decision, decision by submission.
func TestTheLogAloneTellsTheStory(t *testing.T) {
	f := newFleet(t, telemetry.Providers{})
	const caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	f.submit("web", "TRACEPARENT="+caller)
	f.stop()
	if n := len(spans.GetSpans()); n != 0 {
		t.Errorf("%d spans, and nobody asked", n)
	}

	all := f.recorded()
	var at message
	for _, m := range all {
		if s, ok := m.Data.(*event.WorkloadStatusReported); ok && s.Ready == 2 {
			at = m
		}
	}
	correlation := at.Correlation
	var path []event.Type
	for ; at.Data != nil; at = all[at.Causation] {
		path = append(path, at.Type())
		if at.Type() != event.TypeWorkloadSubmitted && at.Correlation != correlation {
			t.Errorf("%s is correlated to %q, the status to %q", at.ID, at.Correlation, correlation)
		}
		if at.Trace.Parent != caller {
			t.Errorf("%s has its origin in %q, want the caller's trace", at.ID, at.Trace.Parent)
		}
		if at.Type() == event.TypeWorkloadSubmitted && (at.ID != correlation || at.header["traceparent"][0] != caller) {
			t.Errorf("the submission is %s, the correlation %s; its hop %v", at.ID, correlation, at.header["traceparent"])
		}
	}
	want := []event.Type{event.TypeWorkloadStatusReported, event.TypeCommandPlace, event.TypePlacementDecided, event.TypeWorkloadSubmitted}
	if !slices.Equal(path, want) {
		t.Errorf("the path is %v, want %v", path, want)
	}
}
