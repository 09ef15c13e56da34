package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"fairlead.dev/pkg/event"
)

// nodesEach is how many nodes a cluster of the fleet has, about.
const nodesEach = 100

// readAhead is how many submissions are folded before the next are decided, as much as
// the service reads at a time.
const readAhead = 1000

// decided is what one size of the core took.
type decided struct {
	clusters int
	times    []time.Duration // of each decision: what Decide took
	busy     []time.Duration // the same, by the time that the thread was on a processor
	records  time.Duration   // all decisions and commands, decided and applied
	facts    time.Duration   // submissions and reports, applied
	cold     time.Duration   // the first decision of a class, on average
}

func mean(times []time.Duration) time.Duration {
	var sum time.Duration
	for _, t := range times {
		sum += t
	}
	return sum / time.Duration(max(1, len(times)))
}

// percentile needs times in order.
func percentile(times []time.Duration, p int) time.Duration { return times[(len(times)-1)*p/100] }

func (d decided) rate() float64 { return float64(len(d.times)) / d.records.Seconds() }

func (d decided) rateWithFacts() float64 {
	return float64(len(d.times)) / (d.records + d.facts).Seconds()
}

// measureCore decides for workloads of all classes in turn, until most or the limit. The
// first two decisions of each class, which build what later ones use, are told apart.
func measureCore(clusters, classes, most int, limit time.Duration) (decided, error) {
	runtime.LockOSThread() // whose processor time is read
	defer runtime.UnlockOSThread()
	f := newFleet(clusters, max(clusters*nodesEach, 100_000)) // so that a small fleet has room as well
	cold := decided{clusters: clusters}
	f.round(&cold, 0, classes, classes)
	warm := cold
	f.round(&warm, classes, classes, classes)
	d := decided{clusters: clusters, cold: mean(cold.times)}
	for next, began := 2*classes, time.Now(); len(d.times) < most && time.Since(began) < limit; next += readAhead {
		f.round(&d, next, min(readAhead, most-len(d.times)), classes)
	}
	switch {
	case f.strays > 0:
		return d, fmt.Errorf("%d replicas found no room where they were told to go", f.strays)
	case len(d.times) == 0:
		return d, fmt.Errorf("nothing was decided over %d clusters", clusters)
	}
	slices.Sort(d.times)
	slices.Sort(d.busy)
	return d, nil
}

// round submits n workloads from one on, and decides until nothing is left to decide.
func (f *fleet) round(d *decided, from, n, classes int) {
	for i := range n {
		w := wish(from+i, classes)
		began := time.Now()
		f.fact(event.Intents, w)
		d.facts += time.Since(began)
	}
	for f.timed(d) {
		if len(f.due) > 0 {
			s := f.due[0]
			f.due = f.due[1:]
			report := s.capacity()
			began := time.Now()
			f.fact(event.Capacity, report)
			d.facts += time.Since(began)
		}
	}
}

// threadTime is how long this thread was on a processor. On a machine that does other
// things as well it tells what a decision costs, where the wall clock tells how long one
// waited.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// timed is step with a watch.
func (f *fleet) timed(d *decided) bool {
	onProcessor, began := threadTime(), time.Now()
	p := f.state.Decide()
	took := time.Since(began)
	onProcessor = threadTime() - onProcessor
	if p == nil {
		return false
	}
	applied := time.Now()
	f.record(p)
	d.records += took + time.Since(applied)
	if decision, ok := p.(*event.PlacementDecided); ok && decision.Verdict == event.VerdictPlaced {
		d.times, d.busy = append(d.times, took), append(d.busy, onProcessor)
	}
	f.carryOut(p)
	return true
}
