package main

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/placement"
	"fairlead.dev/test/harness"
)

// TestThroughTheBroker plays what was stored while a case ran to placement as it is
// deployed, over a broker: each fact once the records before it are there. The records
// are the same, word for word, but for when they were made.
func TestThroughTheBroker(t *testing.T) {
	wanted := map[string]bool{
		"own/division/001": true, "own/division/002": true, "own/division/003": true, "own/division/004": true,
		"own/filter/002": true, "own/filter/004": true, "own/capacity/001": true,
	}
	for _, c := range own(t) {
		if !wanted[c.ID] {
			continue
		}
		delete(wanted, c.ID)
		t.Run(c.ID, func(t *testing.T) {
			w, err := begun(&c)
			if err != nil {
				t.Fatal(err)
			}
			play(t, w.log)
		})
	}
	if len(wanted) > 0 {
		t.Errorf("there are no cases %v", wanted)
	}
}

func play(t *testing.T, log []event.Event) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	broker, err := harness.StartBroker(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Stop)
	lead(ctx, t, broker)
	records, err := broker.Log.Read(ctx, event.Placements, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	next := decisions(ctx, t, records)
	facts, compared := 0, 0
	for _, e := range log {
		switch {
		case e.At.Stream != event.Placements:
			if _, err := broker.Log.Publish(ctx, e); err != nil {
				t.Fatal(err)
			}
			facts++
		case !ofTime(e):
			if got, want := words(t, next()), words(t, e); got != want {
				t.Fatalf("through the broker: %s\nwithout it:         %s", got, want)
			}
			compared++
		}
	}
	t.Logf("%d facts, %d records alike", facts, compared)
	if compared == 0 {
		t.Error("nothing was decided")
	}
}

// lead starts placement and waits until it leads; it ends with the test.
func lead(ctx context.Context, t *testing.T, broker *harness.Broker) {
	ctx, stop := context.WithCancel(ctx)
	ready, done := make(chan struct{}), make(chan error, 1)
	once := sync.OnceFunc(func() { close(ready) })
	cfg := placement.Config{Connect: stream.ConnConfig{URL: broker.URL}, Ready: func(leads bool, _ string) {
		if leads {
			once()
		}
	}}
	go func() { done <- placement.Run(ctx, cfg) }()
	t.Cleanup(func() {
		stop()
		<-done
	})
	select {
	case <-ready:
	case err := <-done:
		done <- err
		t.Fatalf("placement ended: %v", err)
	}
}

// decisions gives the records of placement one by one, those of time left out.
func decisions(ctx context.Context, t *testing.T, r *stream.Reader) func() event.Event {
	var waiting []event.Event
	return func() event.Event {
		for len(waiting) == 0 {
			messages, err := r.Next(ctx)
			if err != nil {
				t.Fatalf("wait for the next record: %v", err)
			}
			for _, m := range messages {
				e, err := m.Event()
				if err != nil {
					t.Fatal(err)
				}
				if !ofTime(e) {
					waiting = append(waiting, e)
				}
			}
		}
		e := waiting[0]
		waiting = waiting[1:]
		return e
	}
}

// ofTime is a record that tells of time and leadership, not of clusters and workloads.
func ofTime(e event.Event) bool {
	switch e.Data.(type) {
	case *event.EpochStarted, *event.PlacementTicked:
		return true
	}
	return false
}

// words are a record's data without when it was made, and from which positions.
func words(t *testing.T, e event.Event) string {
	t.Helper()
	text, err := json.Marshal(e.Data)
	if err != nil {
		t.Fatal(err)
	}
	var data map[string]any
	if err := json.Unmarshal(text, &data); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(data, func(name string, _ any) bool { return name == "positions" || name == "observed" })
	text, err = json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(e.Type()) + " " + string(text)
}
