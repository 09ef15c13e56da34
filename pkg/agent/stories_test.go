package agent

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

const decision = "00-0af7651916cd43dd8448eb211c80319c-00000000000000d1-01" // the hop of the command
const wish = "00-0af7651916cd43dd8448eb211c80319c-00000000000000a1-01"     // its origin

var web = event.WorkloadID{Tenant: "shop", Name: "web"}

func placing(number uint64) event.Event {
	return event.Event{
		ID: "c_eu-1_1", Source: event.PlacementSource("test"), Trace: event.Trace{Parent: wish},
		Data: &event.CommandPlace{Cluster: "eu-1", Tenant: web.Tenant, Workload: web.Name, Incarnation: 1, Number: number},
	}
}

func statusAfter(number uint64, pending int) event.Event {
	return event.Event{ID: "s", Source: event.AgentSource("eu-1"), Trace: event.Trace{Parent: wish},
		Data: &event.WorkloadStatusReported{Cluster: "eu-1", Tenant: web.Tenant, Workload: web.Name, Pending: pending,
			Last: &event.Settled{Number: number, Outcome: event.OutcomeApplied}}}
}

// tell lets one command pass through the agent: it arrives, is stored by the
// orchestrator, and settled.
func (s *stories) tell(number uint64) cause {
	e := placing(number)
	s.accepted(s.arrived(map[string][]string{"traceparent": {decision}}, e), e, true)
	why := s.of(web, number, nil)
	s.call(why, nil)
	s.ended([]slot{{number: number, workload: web, outcome: event.OutcomeApplied}})
	return why
}

func (s *stories) call(why cause, err error) {
	_, span := s.operate(context.Background(), telemetry.SpanApply, why)
	s.operated(time.Now(), err)
	telemetry.End(span, err)
}

func (s *stories) say(e event.Event) {
	_, span := s.spans.Send(s.behind(e).under(context.Background()), &e)
	span.End()
	s.reported(e.Type())
}

// The command, the call of the orchestrator and the statuses up to the first in which
// nothing is pending are one trace; what comes later has one of its own, with a link.
func TestAStoryEndsWithItsStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorder := tracetest.NewSpanRecorder()
		s := newStories(NewInstruments(telemetry.Providers{Tracers: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))}))
		s.tell(1)
		s.say(statusAfter(1, 2))
		s.say(statusAfter(1, 0))
		s.say(statusAfter(1, 0)) // repeated minutes later
		repair := s.of(web, 1, &work{origin: origin{trace: event.Trace{Parent: wish}}})
		s.call(repair, errors.New("it is away"))
		s.tell(2)
		time.Sleep(storyLasts + time.Second)
		s.say(statusAfter(2, 1)) // pending for long

		within := []bool{true, true, true, true, false, false, true, true, false}
		ended := recorder.Ended()
		if len(ended) != len(within) {
			t.Fatalf("%d spans, want %d", len(ended), len(within))
		}
		for i, span := range ended {
			inside := span.SpanContext().TraceID().String() == "0af7651916cd43dd8448eb211c80319c"
			if inside != within[i] || inside == (len(span.Links()) == 1) {
				t.Errorf("span %d, %q: inside %v with links %v, want inside %v or else a link", i, span.Name(), inside, span.Links(), within[i])
			}
		}
		if len(s.open)+len(s.told) != 0 {
			t.Errorf("%d commands and %d settled ones are kept", len(s.open), len(s.told))
		}
	})
}

// An incarnation that ends leaves no span open.
func TestAnIncarnationThatEndsLeavesNothing(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	s := newStories(NewInstruments(telemetry.Providers{Tracers: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))}))
	e := placing(1)
	s.accepted(s.arrived(nil, e), e, true)
	s.accepted(s.arrived(nil, e), e, false) // a duplicate
	s.forget()
	if n := len(recorder.Ended()); n != 2 {
		t.Errorf("%d spans ended, want 2", n)
	}
	if under := recorder.Ended()[0].Parent(); under.SpanID() != (trace.SpanID{7: 0xa1}) {
		t.Errorf("without a hop the command is under %s, want its origin", under.SpanID())
	}
}

// Two agents of a process add up, and the age of reports is that of the quieter one.
func TestFiguresOfTwoAgents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := sdkmetric.NewManualReader()
		i := NewInstruments(telemetry.Providers{Meters: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))})
		a, b := newStories(i), newStories(i)
		a.tell(1)
		b.tell(1)
		b.call(cause{}, ErrStale)
		b.call(cause{}, errors.New("it is away"))
		a.outbox(3)
		b.outbox(2)
		b.outbox(1)
		time.Sleep(4 * time.Second)
		a.say(statusAfter(1, 0))
		time.Sleep(time.Second)
		found := figures(t, reader)
		for name, want := range map[string]float64{
			telemetry.MetricCommands + " applied": 2, telemetry.MetricOutbox: 4, telemetry.MetricReportAge: 5,
			telemetry.MetricApplyTime + " stored": 2, telemetry.MetricApplyTime + " refused": 1, telemetry.MetricApplyTime + " failed": 1,
			telemetry.MetricSettleTime: 2, telemetry.MetricReports + " " + string(event.TypeWorkloadStatusReported): 1,
		} {
			if found[name] != want {
				t.Errorf("%s = %v, want %v (all: %v)", name, found[name], want, found)
			}
		}
		b.close()
		if found = figures(t, reader); found[telemetry.MetricOutbox] != 3 || found[telemetry.MetricReportAge] != 1 {
			t.Errorf("after one has ended: %v", found)
		}
	})
}

// figures are the values by name and attribute; of a histogram how many there were.
func figures(t *testing.T, reader sdkmetric.Reader) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		switch d := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, p := range d.DataPoints {
				found[named(m.Name, p.Attributes.ToSlice())] = float64(p.Value)
			}
		case metricdata.Gauge[float64]:
			for _, p := range d.DataPoints {
				found[named(m.Name, p.Attributes.ToSlice())] = p.Value
			}
		case metricdata.Histogram[float64]:
			for _, p := range d.DataPoints {
				found[named(m.Name, p.Attributes.ToSlice())] = float64(p.Count)
			}
		}
	}
	return found
}

func named(metric string, of []attribute.KeyValue) string {
	for _, kv := range of {
		metric += " " + kv.Value.AsString()
	}
	return metric
}

// Nobody listens by default, and then a command and its reports cost nothing.
func TestNobodyListensAtNoCost(t *testing.T) {
	s := newStories(NewInstruments(telemetry.Providers{}))
	header, command, report := map[string][]string{"traceparent": {decision}}, placing(1), statusAfter(1, 0)
	slots := []slot{{number: 1, workload: web, outcome: event.OutcomeApplied}}
	cost := testing.AllocsPerRun(100, func() {
		s.accepted(s.arrived(header, command), command, true)
		s.call(s.of(web, 1, nil), nil)
		s.ended(slots)
		s.say(report)
		s.outbox(1)
	})
	if cost != 0 || len(s.open)+len(s.told) != 0 {
		t.Errorf("%v allocations; %d and %d commands kept", cost, len(s.open), len(s.told))
	}
}
