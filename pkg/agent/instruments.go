package agent

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// Instruments are where agents tell of themselves as spans and metrics. One set serves
// every agent of a process: their figures add up, and none has a name in them.
type Instruments struct {
	spans      telemetry.Spans
	meter      telemetry.Meter
	commands   telemetry.Counts[event.Outcome]
	settleTime metric.Float64Histogram
	applyTime  telemetry.Times[result]
	reports    telemetry.Counts[event.Type]
	waiting    metric.Int64UpDownCounter

	lock   sync.Mutex
	pulses map[*pulse]bool // of the agents that run
}

// result is what became of one call of the orchestrator.
type result string

const (
	stored  result = "stored"
	refused result = "refused" // as it is it can never be carried out, or a newer command was here
	failed  result = "failed"  // it is tried again
)

// pulse is when the log last took something of one agent.
type pulse struct{ at atomic.Pointer[time.Time] }

func (p *pulse) beat() {
	now := time.Now()
	p.at.Store(&now)
}

// NewInstruments makes the instruments of a process, which keep telling as long as p
// listens.
func NewInstruments(p telemetry.Providers) *Instruments {
	m := p.Meter()
	i := &Instruments{
		spans: p.Spans(), meter: m,
		commands: telemetry.NewCounts(m, telemetry.MetricCommands, "{command}", telemetry.KeyOutcome,
			event.OutcomeApplied, event.OutcomeRejected, event.OutcomeSuperseded),
		settleTime: m.Seconds(telemetry.MetricSettleTime),
		applyTime:  telemetry.NewTimes(m, telemetry.MetricApplyTime, telemetry.KeyResult, stored, refused, failed),
		reports: telemetry.NewCounts(m, telemetry.MetricReports, "{event}", telemetry.KeyReport,
			event.TypeAgentStarted, event.TypeClusterLeft, event.TypeClusterCapacityReported,
			event.TypeWorkloadStatusReported, event.TypeCommandRejected),
		waiting: m.Level(telemetry.MetricOutbox, "{event}"),
		pulses:  map[*pulse]bool{},
	}
	if m.On() {
		m.Ask(telemetry.MetricReportAge, "s", i.age)
	}
	return i
}

// join adds an agent to those whose reports have an age, counted from now on.
func (i *Instruments) join() *pulse {
	p := new(pulse)
	p.beat()
	i.lock.Lock()
	defer i.lock.Unlock()
	i.pulses[p] = true
	return p
}

func (i *Instruments) leave(p *pulse) {
	i.lock.Lock()
	defer i.lock.Unlock()
	delete(i.pulses, p)
}

// age tells how long ago the quietest agent was heard.
func (i *Instruments) age(_ context.Context, tell func(float64, ...metric.ObserveOption)) {
	i.lock.Lock()
	defer i.lock.Unlock()
	var oldest time.Duration
	for p := range i.pulses { // a maximum: the order does not matter
		oldest = max(oldest, time.Since(*p.at.Load()))
	}
	if len(i.pulses) > 0 {
		tell(oldest.Seconds())
	}
}

// operate starts the span of one call of the orchestrator, and operated ends its
// measurement.
func (i *Instruments) operate(ctx context.Context, act string, why cause) (context.Context, trace.Span) {
	if !i.spans.On() {
		return ctx, noop.Span{}
	}
	var links []trace.Link
	if why.origin.SpanContext.IsValid() {
		links = []trace.Link{why.origin}
	}
	return i.spans.Do(why.under(ctx), act, why.workload.String(), links...)
}

func (i *Instruments) operated(began time.Time, err error) {
	if !i.meter.On() {
		return
	}
	became := stored
	if errors.As(err, new(*Rejection)) || errors.Is(err, ErrStale) {
		became = refused
	} else if err != nil {
		became = failed
	}
	i.applyTime.Record(context.Background(), time.Since(began).Seconds(), became)
}
