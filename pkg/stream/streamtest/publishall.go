package streamtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// cordons are events of INTENTS with the ids from to from+count-1.
func cordons(from, count int) []event.Event {
	var all []event.Event
	for i := range count {
		all = append(all, cordon(event.ClusterID(fmt.Sprintf("c-%d", i%7)), fmt.Sprint(from+i)))
	}
	return all
}

// stored checks that INTENTS holds the events with the ids 0 to n-1 in this order, once.
func stored(t *testing.T, s Subject, n int) {
	t.Helper()
	got, err := s.Tail(within(t), event.Intents, 1)
	must(t, err)
	equal(t, "records", len(got), n)
	for i, m := range got {
		e, err := m.Event()
		must(t, err)
		equal(t, fmt.Sprintf("id at %d", i+1), e.ID, fmt.Sprint(i))
	}
}

func sequences(t *testing.T, got []uint64, first uint64, n int) {
	t.Helper()
	equal(t, "sequences", len(got), n)
	for i, seq := range got {
		equal(t, "sequence", seq, first+uint64(i))
	}
}

// publishAll takes nothing, one, and more than one batch.
func publishAll(t *testing.T, s Subject) {
	ctx := within(t)
	next := 0
	for _, n := range []int{0, 1, 2, 1203} {
		got, err := s.PublishAll(ctx, cordons(next, n))
		must(t, err)
		sequences(t, got, uint64(next+1), n)
		next += n
	}
	stored(t, s, next)
	one, err := s.Publish(ctx, cordon("c-0", fmt.Sprint(next))) // no trace of a batch is left
	must(t, err)
	equal(t, "sequence", one, uint64(next+1))
}

// publishAllAgain: an event that is in the log keeps its place, and those around it
// get in; one that stands in the list twice is stored once.
func publishAllAgain(t *testing.T, s Subject) {
	ctx := within(t)
	_, err := s.Publish(ctx, cordon("c-0", "0"))
	must(t, err)
	all := cordons(0, 20)
	got, err := s.PublishAll(ctx, all)
	must(t, err)
	sequences(t, got, 1, 20)
	got, err = s.PublishAll(ctx, append(cordons(20, 2), all[3], cordons(20, 1)[0]))
	must(t, err)
	for i, want := range []uint64{21, 22, 4, 21} {
		equal(t, "sequence", got[i], want)
	}
	stored(t, s, 22)
}

// publishAllStreams mixes streams that take batches with one that does not.
func publishAllStreams(t *testing.T, s Subject) {
	ctx := within(t)
	var all []event.Event
	for i, e := range cordons(0, 30) {
		status := event.New("/clusters/eu-1/agent", &event.WorkloadStatusReported{
			Cluster: "eu-1", Tenant: "shop", Workload: "web", Incarnation: 1, Report: uint64(i + 1),
		})
		status.ID = e.ID
		all = append(all, e, status)
	}
	got, err := s.PublishAll(ctx, all)
	must(t, err)
	for i, seq := range got {
		equal(t, fmt.Sprintf("sequence of %d", i), seq, uint64(i/2+1))
	}
	stored(t, s, 30)
	state, err := s.State(ctx, event.Status)
	must(t, err)
	equal(t, "records of STATUS", state.Messages, 30)
}

// publishAllTooLarge: one that does not fit, or is no event, keeps all from being sent,
// and is named. A list too large for one batch goes in several.
func publishAllTooLarge(t *testing.T, s Subject) {
	ctx := within(t)
	all := cordons(0, 12)
	for i := range all {
		all[i].Extensions = map[string]string{"blob": strings.Repeat("x", 900<<10)}
	}
	spoilt := append([]event.Event{}, all...)
	spoilt[7] = huge()
	got, err := s.PublishAll(ctx, spoilt)
	var large *stream.TooLarge
	if !errors.As(err, &large) || !strings.Contains(err.Error(), "event 8 of 12") || got != nil {
		t.Fatalf("got %v, %v; want a TooLarge about event 8", got, err)
	}
	spoilt[7] = cordon("no cluster", "7")
	if _, err := s.PublishAll(ctx, spoilt); err == nil || !strings.Contains(err.Error(), "event 8 of 12") {
		t.Fatalf("got %v, want an error about event 8", err)
	}
	stored(t, s, 0)
	got, err = s.PublishAll(ctx, all)
	must(t, err)
	sequences(t, got, 1, 12)
	stored(t, s, 12)
}

// publishAllDeaf loses the answer of a batch that is stored: the events that go again
// one by one are stored once, in order.
func publishAllDeaf(t *testing.T, s Subject) {
	ctx := within(t)
	deaf := s.Deaf(1)
	got, err := deaf.PublishAll(ctx, cordons(0, 40))
	must(t, err)
	sequences(t, got, 1, 40)
	got, err = deaf.PublishAll(ctx, cordons(40, 40)) // it hears again
	must(t, err)
	sequences(t, got, 41, 40)
	stored(t, s, 80)
}
