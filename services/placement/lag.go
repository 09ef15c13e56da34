package placement

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/metric"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// lagPatience is how long whoever reads the metrics waits for the log's answers: without
// them the lag is left out.
const lagPatience = time.Second

// lag measures, for as long as the term lasts, how far the tails of the facts are ahead
// of what was applied. The log is asked when somebody reads the metrics, and only then.
func (w *watcher) lag(log reading) (end func()) {
	if !w.meter.On() {
		return func() {}
	}
	of := map[event.Stream]metric.MeasurementOption{}
	for _, s := range factStreams {
		of[s] = telemetry.Preset(telemetry.KeyStream, s)
	}
	return w.meter.Ask(telemetry.MetricLag, "{message}", func(ctx context.Context, tell func(float64, ...metric.ObserveOption)) {
		ctx, cancel := context.WithTimeout(ctx, lagPatience)
		defer cancel()
		for _, s := range factStreams {
			applied := w.applied[s].Load() // before the tail, which only grows
			if state, err := log.State(ctx, s); err == nil && state.Last >= applied {
				tell(float64(state.Last-applied), of[s])
			}
		}
	})
}

// ended says that nobody leads here any more.
func (w *watcher) ended() {
	w.leading(0, 0)
	w.inFlight.Record(context.Background(), 0)
	for _, f := range w.flying {
		f.span.End()
	}
}
