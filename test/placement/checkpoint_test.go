package placement

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	service "fairlead.dev/services/placement"
)

const checkpointBucket = "fairlead-checkpoints"

// Several checkpoints are kept. A start begins at the newest that can be trusted, says
// which it passed over and why, counts them, and comes to the same state from any of them
// and from none.
func TestCheckpointsAreKeptAndPassedOver(t *testing.T) {
	f := newFleet(t)
	f.join("eu-1")
	names := f.keepSome(5)
	newest, oldest := names[len(names)-1], names[0]
	leader := f.lead(seldom)
	for _, c := range []struct {
		name    string
		harm    func()
		from    string
		skipped int
	}{
		{"the newest", func() {}, newest, 0},
		{"the newest is cut short", func() { f.rewrite(newest, func(b []byte) []byte { return b[:len(b)/2] }) }, names[3], 1},
		{"another has a byte changed", func() { f.rewrite(names[3], func(b []byte) []byte { b[len(b)-7] ^= 1; return b }) }, names[2], 2},
		{"another says another format", func() {
			f.rewrite(names[2], func(b []byte) []byte { return regexp.MustCompile(`"format":\d+`).ReplaceAll(b, []byte(`"format":99`)) })
		}, names[1], 3},
		{"another is empty", func() { f.rewrite(names[1], func([]byte) []byte { return nil }) }, oldest, 4},
		{"all are damaged", func() { f.rewrite(oldest, func(b []byte) []byte { return b[1:] }) }, "", 5},
	} {
		c.harm()
		start := f.watchedStart()
		if c.from == "" && !strings.Contains(start.says(), "no checkpoint: the log is folded from its beginning") ||
			c.from != "" && !strings.Contains(start.says(), "checkpoint restored\" placements="+position(c.from)+" ") {
			t.Errorf("%s: want a start from %q; said\n%s", c.name, c.from, start.says())
		}
		if n := strings.Count(start.says(), "checkpoint skipped"); n != c.skipped || start.counted(telemetry.CheckpointSkipped) != c.skipped {
			t.Errorf("%s: %d lines and %d counted of checkpoints passed over, want %d", c.name, n, start.counted(telemetry.CheckpointSkipped), c.skipped)
		}
	}
	f.end(leader) // and saves one again
	f.sameAsFolded()
}

// Without any checkpoint that can be used, a log whose beginning is gone stops the
// service, which says what to do; it is not folded from the middle.
func TestNoCheckpointReachesBack(t *testing.T) {
	f := newFleet(t)
	f.join("eu-1")
	names := f.keepSome(2)
	placements, err := f.js.Stream(f.soon(), string(event.Placements))
	if err != nil {
		t.Fatal(err)
	}
	if err := placements.Purge(f.soon(), jetstream.WithPurgeSequence(4)); err != nil {
		t.Fatal(err)
	}
	f.end(f.lead()) // the newest checkpoint reaches
	for _, name := range append(names, f.checkpoints()...) {
		f.rewrite(name, func([]byte) []byte { return nil })
	}
	err = f.outcome(&f.start().term)
	if err == nil || !strings.Contains(err.Error(), "PLACEMENTS begins at 4 and no checkpoint that can be used reaches back that far: restore a backup, or start once with --adopt-log") {
		t.Fatalf("placement ended with %v", err)
	}
}

// keepSome lets so many checkpoints be saved, each by an orderly stop, and names them,
// the oldest first.
func (f *fleet) keepSome(n int) []string {
	f.t.Helper()
	for i := range n {
		term := f.lead()
		f.submit(fmt.Sprintf("w%d", i), 2)
		f.placed(2 * (i + 1))
		f.end(term)
	}
	names := f.checkpoints()
	if len(names) != n {
		f.t.Fatalf("kept: %v, want %d", names, n)
	}
	return names
}

// checkpoints names what is kept, the oldest first.
func (f *fleet) checkpoints() []string {
	f.t.Helper()
	kept, err := f.store().List(f.soon())
	if err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, o := range kept {
		names = append(names, o.Name)
	}
	slices.Sort(names)
	return names
}

func (f *fleet) store() jetstream.ObjectStore {
	f.t.Helper()
	store, err := f.js.ObjectStore(f.soon(), checkpointBucket)
	if err != nil {
		f.t.Fatal(err)
	}
	return store
}

// rewrite stores a checkpoint as a damaged disk would give it.
func (f *fleet) rewrite(name string, harm func([]byte) []byte) {
	f.t.Helper()
	whole, err := f.store().GetBytes(f.soon(), name)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.store().PutBytes(f.soon(), name, harm(whole)); err != nil {
		f.t.Fatal(err)
	}
}

// position is the number in a checkpoint's name.
func position(name string) string {
	return strings.TrimLeft(regexp.MustCompile(`\d+$`).FindString(name), "0")
}

// seldom lets an instance save a checkpoint only when it stops as the leader.
func seldom(c *service.Config) { c.CheckpointEvery = 1 << 50 }

// watched is the start of a standby whose words and counts were kept.
type watched struct {
	f      *fleet
	words  *lines
	reader *metric.ManualReader
}

// watchedStart folds the log as a standby, and leaves no trace in it.
func (f *fleet) watchedStart() watched {
	f.t.Helper()
	w := watched{f, &lines{}, metric.NewManualReader()}
	term, hot := f.standby("watched", func(c *service.Config) {
		c.Log = w.words.logger()
		c.Telemetry = telemetry.Providers{Meters: metric.NewMeterProvider(metric.WithReader(w.reader))}
		c.Telemetry.Tracers = telemetry.Nowhere().Tracers
	}, seldom)
	f.await(hot)
	term.stop()
	if err := f.outcome(&term.term); err != nil {
		f.t.Fatal(err)
	}
	return w
}

func (w watched) says() string { return w.words.String() }

// counted is how many checkpoints were counted with a result.
func (w watched) counted(result string) int {
	w.f.t.Helper()
	var all metricdata.ResourceMetrics
	if err := w.reader.Collect(w.f.t.Context(), &all); err != nil {
		w.f.t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			for i := 0; ok && m.Name == telemetry.MetricCheckpoints && i < len(sum.DataPoints); i++ {
				if v, _ := sum.DataPoints[i].Attributes.Value(telemetry.KeyResult); v.AsString() == result {
					return int(sum.DataPoints[i].Value)
				}
			}
		}
	}
	return 0
}

// lines are what a service logs.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*lines)(nil)

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
