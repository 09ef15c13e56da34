package placement

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// watcher is what the leader tells of itself as spans and metrics. Nothing depends on
// it, and its clock measures durations only: the step function never sees a time.
type watcher struct {
	spans telemetry.Spans
	meter telemetry.Meter

	decided                telemetry.Counts[event.Verdict]
	events                 telemetry.Counts[event.Stream]
	deadLetters, unkept    metric.Int64Counter
	decideTime, appendTime metric.Float64Histogram
	appendSize             metric.Int64Histogram
	inFlight, held, epoch  metric.Int64Gauge
	stored, bound          metric.Int64Gauge // bytes of each stream, and its limit

	began   time.Time // of the decision that is being made
	story   story     // of the last decision that has a trace
	flying  map[*batch]flying
	applied map[event.Stream]*atomic.Uint64 // cursors of the facts, for whoever reads the metrics
}

// story is the decision whose commands come next.
type story struct {
	decision string // its id
	ctx      context.Context
}

// flying is a batch between its sending and its outcome.
type flying struct {
	since time.Time
	span  trace.Span
}

func newWatcher(p telemetry.Providers) *watcher {
	m := p.Meter()
	w := &watcher{
		spans: p.Spans(), meter: m,
		decided: telemetry.NewCounts(m, telemetry.MetricDecisions, "{decision}", telemetry.KeyVerdict,
			event.VerdictPlaced, event.VerdictScaled, event.VerdictMoved, event.VerdictUpdated,
			event.VerdictHeld, event.VerdictRefused, event.VerdictEvicted, event.VerdictWithdrawn),
		events:      telemetry.NewCounts(m, telemetry.MetricEvents, "{event}", telemetry.KeyStream, event.Streams()...),
		deadLetters: m.Counter(telemetry.MetricDeadLetters, "{message}"),
		unkept:      m.Counter(telemetry.MetricUnkept, "{message}"),
		decideTime:  m.Seconds(telemetry.MetricDecideTime),
		appendTime:  m.Seconds(telemetry.MetricAppendTime),
		appendSize:  m.Sizes(telemetry.MetricAppendSize, "{message}", 1, 3, 10, 30, 100, 300, 600, 900, 1000),
		inFlight:    m.Gauge(telemetry.MetricInFlight, "{batch}"),
		stored:      m.Gauge(telemetry.MetricStored, "By"),
		bound:       m.Gauge(telemetry.MetricBound, "By"),
		held:        m.Gauge(telemetry.MetricHeld, "{workload}"),
		epoch:       m.Gauge(telemetry.MetricLeaderEpoch, "{epoch}"),
		flying:      map[*batch]flying{},
		applied:     map[event.Stream]*atomic.Uint64{},
	}
	for _, s := range factStreams {
		w.applied[s] = new(atomic.Uint64)
	}
	return w
}

// deciding says that a decision is being made from here on.
func (w *watcher) deciding() { w.began = time.Now() }

// decision records one that is made, with everything that was done for it.
func (w *watcher) decision(e event.Event) {
	if d, ok := e.Data.(*event.PlacementDecided); ok {
		w.decideTime.Record(context.Background(), time.Since(w.began).Seconds())
		w.decided.Add(context.Background(), 1, d.Verdict)
	}
}

// stamp gives a record the span that made it, on the wire too: whoever receives the
// message continues it. A decision continues the trace of the wish that it carries out,
// so that one trace runs from there to the status; later ones begin a trace of their
// own. Commands belong to the decision before them.
func (w *watcher) stamp(r *record, e event.Event, n *notes) {
	if !w.spans.On() || e.Trace.Parent == "" {
		return
	}
	var span trace.Span
	ctx := context.Background()
	if _, decision := e.Data.(*event.PlacementDecided); decision {
		if o := n.workloads[r.about]; o != nil && o.fresh(e.Time) {
			ctx = telemetry.Resume(ctx, e)
		}
		ctx, span = w.spans.Decide(ctx, e, w.began)
		w.story = story{e.ID, ctx}
	} else {
		if w.story.decision == e.Causation {
			ctx = w.story.ctx
		}
		ctx, span = w.spans.Send(ctx, &e)
	}
	span.End()
	r.made = span.SpanContext()
	r.hop = map[string][]string{}
	telemetry.Inject(ctx, r.hop)
}

// reading records what came from a stream; the span links to where its events began.
func (w *watcher) reading(f facts) {
	ctx := context.Background()
	w.events.Add(ctx, int64(len(f.events)), f.stream)
	_, span := w.spans.Receive(ctx, f.stream, len(f.events))
	if span.IsRecording() {
		for _, e := range f.events {
			if e.Trace.Parent != "" {
				span.AddLink(telemetry.Link(e.Event))
			}
		}
	}
	span.End()
}

// sending and settled record one append.
func (w *watcher) sending(b *batch) {
	w.flying[b] = flying{time.Now(), w.spans.Append(event.Placements, len(b.records), b.made())}
	w.appendSize.Record(context.Background(), int64(len(b.records)))
	w.inFlight.Record(context.Background(), int64(len(w.flying)))
}

func (w *watcher) settled(b *batch, err error) {
	f, ok := w.flying[b]
	if !ok {
		return
	}
	delete(w.flying, b)
	w.appendTime.Record(context.Background(), time.Since(f.since).Seconds())
	w.inFlight.Record(context.Background(), int64(len(w.flying)))
	telemetry.End(f.span, err)
}

// buried records a dead letter, and whether it was kept.
func (w *watcher) buried(s event.Stream, why error, kept bool) {
	of := metric.WithAttributes(telemetry.KeyStream.String(string(s)), telemetry.KeyReason.String(reasonOf(why)))
	w.deadLetters.Add(context.Background(), 1, of)
	if !kept {
		w.unkept.Add(context.Background(), 1, of)
	}
}

// leading records what the state holds, now and then.
func (w *watcher) leading(epoch uint64, held int) {
	w.epoch.Record(context.Background(), int64(epoch))
	w.held.Record(context.Background(), int64(held))
}

// reasonOf is the bounded word for why a message is no event.
func reasonOf(err error) string {
	var invalid *event.Invalid
	if errors.As(err, &invalid) {
		return invalid.Reason
	}
	return event.NotAnEvent
}

// countCheckpoint counts what became of a checkpoint; whoever reads the log counts too,
// before anybody leads.
func countCheckpoint(p telemetry.Providers, result string) {
	p.Meter().Counter(telemetry.MetricCheckpoints, "{checkpoint}").Add(context.Background(), 1,
		metric.WithAttributes(telemetry.KeyResult.String(result)))
}
