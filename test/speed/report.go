package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"
)

// What the goals ask for.
const (
	wantRate   = 50_000                // decisions a second in the core, decided and applied
	wantMean   = 10 * time.Microsecond // of one decision
	wantP99    = 50 * time.Microsecond
	wantRatio  = 0.5  // of what the broker takes raw
	wantScore  = 0.98 // of the best score that a full scan finds
	wantMemory = 1 << 30
	atClusters = 10_000
)

// report collects the figures and prints them as they come.
type report struct {
	settings
	out io.Writer

	decided []decided
	score   *comparison
	raced   *race
	weighed *weight
}

func (r *report) printf(format string, args ...any) { fmt.Fprintf(r.out, format, args...) }

func (r *report) core() error {
	r.printf("core: %d classes of requests, a report of the cluster after every %d commands; per decision\n", r.classes, reportEvery)
	r.printf("%9s %10s %10s %10s %10s %10s %10s %12s %12s %12s\n",
		"clusters", "decisions", "mean", "p50", "p99", "cpu mean", "cpu p99", "recorded/s", "with facts/s", "cold class")
	for _, clusters := range r.sizes {
		d, err := measureCore(clusters, r.classes, r.most, r.limit)
		if err != nil {
			return err
		}
		r.decided = append(r.decided, d)
		r.printf("%9d %10d %10s %10s %10s %10s %10s %12.0f %12.0f %12s\n", clusters, len(d.times),
			micros(mean(d.times)), micros(percentile(d.times, 50)), micros(percentile(d.times, 99)),
			micros(mean(d.busy)), micros(percentile(d.busy, 99)), d.rate(), d.rateWithFacts(), micros(d.cold))
		runtime.GC()
	}
	return nil
}

func (r *report) quality() error {
	size := r.sizes[len(r.sizes)-1]
	c, err := compare(size, r.classes, r.limit)
	if err != nil {
		return err
	}
	r.score = &c
	r.printf("quality at %d clusters: %d of %d decisions have the best score of a scan of every cluster; score %.4f of the best; "+
		"%d of %d decisions of a state restored from a snapshot have the same bytes\n",
		size, c.best, c.scanned, c.share(), c.same, c.repeated)
	return nil
}

func (r *report) broker(ctx context.Context) error {
	r.printf("broker: %d clusters, %d classes, sync always, rounds in turn\n", r.settings.broker.clusters, r.settings.broker.classes)
	r.printf("%9s %10s %14s %14s %14s %12s %12s %8s\n", "round", "messages", "raw/s", "placement/s", "decisions/s", "raw cpu", "cpu", "ratio")
	raced, err := runRace(ctx, r.settings.broker, func(round int, l lap) {
		r.printf("%9d %10d %14.0f %14.0f %14.0f %12s %12s %8.2f\n", round, l.messages, l.rawRate(), l.rate(), l.decisionRate(),
			micros(l.rawCPU()), micros(l.cpu()), l.ratio())
	})
	if err != nil {
		return err
	}
	r.raced = &raced
	all := raced.sum()
	r.printf("%9s %10d %14.0f %14.0f %14.0f %12s %12s %8.2f   %d bytes a message\n", "all", all.messages, all.rawRate(), all.rate(),
		all.decisionRate(), micros(all.rawCPU()), micros(all.cpu()), all.ratio(), all.bytes/max(1, all.messages))
	return nil
}

func (r *report) memory() error {
	w, err := weigh(r.settings.memory, r.settings.heapProfile)
	if err != nil {
		return err
	}
	r.weighed = &w
	r.printf("memory: %d clusters, %d nodes, %d workloads folded in %s: %d MiB live, %d MiB in use after a collection, %d MiB taken at most\n",
		w.clusters, w.nodes, w.workloads, w.took.Round(time.Second), w.live>>20, w.inUse>>20, w.taken>>20)
	r.printf("memory: a snapshot of it is %d MiB, written in %s with %d MiB allocated\n",
		w.snapshot>>20, w.snapshotTook.Round(time.Millisecond), w.beside>>20)
	return nil
}

// goals says what was met. Parts that were not measured have no line.
func (r *report) goals() {
	for _, d := range r.decided {
		if d.clusters != atClusters {
			continue
		}
		average, tail := mean(d.times), percentile(d.times, 99)
		met := d.rate() >= wantRate && average <= wantMean && tail <= wantP99
		r.goal("6, core", met, "%d clusters, %d classes: %.0f decisions/s recorded, want %d; mean %s, want %s; p99 %s, want %s; "+
			"by processor time of the thread mean %s, p99 %s",
			d.clusters, r.classes, d.rate(), wantRate, micros(average), micros(wantMean), micros(tail), micros(wantP99),
			micros(mean(d.busy)), micros(percentile(d.busy, 99)))
	}
	if r.raced != nil {
		all := r.raced.sum()
		r.goal("6, service", all.ratio() >= wantRatio, "%.2f of raw (%.0f of %.0f messages/s; rounds %s), want %.2f",
			all.ratio(), all.rate(), all.rawRate(), r.raced.ratios(), wantRatio)
	}
	if c := r.score; c != nil {
		r.goal("7", c.share() >= wantScore && c.same == c.repeated, "score %.4f of a full scan's, want %.2f; %d of %d decisions the same after a restore",
			c.share(), wantScore, c.same, c.repeated)
	}
	if w := r.weighed; w != nil {
		r.goal("8", w.inUse <= wantMemory && w.full(), "%d MiB in use, want %d; %d clusters, %d nodes, %d workloads",
			w.inUse>>20, wantMemory>>20, w.clusters, w.nodes, w.workloads)
	}
}

func (r *report) goal(name string, met bool, format string, args ...any) {
	word := "met"
	if !met {
		word = "not met"
	}
	r.printf("goal %s: %s (%s)\n", name, word, fmt.Sprintf(format, args...))
}

func micros(d time.Duration) string { return fmt.Sprintf("%.1fµs", float64(d.Nanoseconds())/1000) }
