package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// comparison is how decisions stand against a scan of every cluster, and against those
// of a state that was just restored, whose indexes are new.
type comparison struct {
	scanned, best  int
	got, ideal     int64 // sums of scores
	repeated, same int
}

func (c comparison) share() float64 {
	if c.ideal == 0 {
		return 1
	}
	return float64(c.got) / float64(c.ideal)
}

const (
	scans   = 300 // decisions compared with a scan
	repeats = 500 // decisions compared with those of a restored state
)

// compare lets a fleet run for a while, then looks at its next decisions.
func compare(clusters, classes int, limit time.Duration) (comparison, error) {
	f := newFleet(clusters, max(clusters*nodesEach, 100_000))
	var c comparison
	next := 0
	for began := time.Now(); next < 20_000 && time.Since(began) < limit; next += readAhead {
		f.round(&decided{}, next, readAhead, classes)
	}
	deadline := time.Now().Add(2 * limit)
	for ; c.scanned < scans && time.Now().Before(deadline); next++ {
		if err := f.scan(&c, wish(next, classes)); err != nil {
			return c, err
		}
	}
	for i := range repeats {
		f.fact(event.Intents, wish(next+i, classes))
	}
	return c, f.repeat(&c, limit)
}

// scan submits a workload and compares what is decided with the best row of the table of
// all clusters.
func (f *fleet) scan(c *comparison, w *event.WorkloadSubmitted) error {
	table := f.state.Plan(w).Clusters
	f.fact(event.Intents, w)
	d, ok := f.step().(*event.PlacementDecided)
	if !ok || len(d.Assignments) != 1 {
		return fmt.Errorf("%s was not placed on one cluster", w.Name)
	}
	for p := f.step(); p != nil; p = f.step() {
	}
	f.reports()
	best, found := scheduler.ClusterChecks{}, false
	for _, row := range table {
		if fits(row) && (!found || row.Score > best.Score) {
			best, found = row, true
		}
	}
	at := slices.IndexFunc(table, func(row scheduler.ClusterChecks) bool { return row.Cluster == d.Assignments[0].Cluster })
	if !found || at < 0 || !fits(table[at]) {
		return fmt.Errorf("%s went to %s, where the table says it does not fit", w.Name, d.Assignments[0].Cluster)
	}
	c.scanned++
	c.got += table[at].Score
	c.ideal += best.Score
	if table[at].Score == best.Score {
		c.best++
	}
	return nil
}

func fits(row scheduler.ClusterChecks) bool {
	return row.Fits > 0 && !slices.ContainsFunc(row.Checks, func(ch scheduler.Check) bool { return !ch.OK })
}

// repeat decides the same on the running state and on one restored from its snapshot.
func (f *fleet) repeat(c *comparison, limit time.Duration) error {
	restored, err := scheduler.Restore(scheduler.DefaultConfig(), f.state.Snapshot())
	if err != nil {
		return err
	}
	for began := time.Now(); c.repeated < repeats && time.Since(began) < limit; {
		ours, theirs := f.state.Decide(), restored.Decide()
		if ours == nil {
			break
		}
		if _, decision := ours.(*event.PlacementDecided); decision {
			c.repeated++
			if reflect.DeepEqual(ours, theirs) {
				c.same++
			}
		}
		f.record(ours)
		restored.Apply(event.Event{ID: "f", Source: "/speed", Data: ours, At: event.At{Stream: event.Placements, Sequence: f.at[event.Placements]}})
	}
	if c.repeated == 0 || c.scanned == 0 {
		return errors.New("the time was over before anything was compared")
	}
	return nil
}
