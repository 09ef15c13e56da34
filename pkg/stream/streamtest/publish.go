package streamtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func publishGivesSequences(t *testing.T, s Subject) {
	ctx := within(t)
	for want := uint64(1); want <= 3; want++ {
		got, err := s.Publish(ctx, cordon("eu-1", fmt.Sprint(want)))
		must(t, err)
		equal(t, "sequence", got, want)
	}
	state, err := s.State(ctx, event.Intents)
	must(t, err)
	equal(t, "first", state.First, 1)
	equal(t, "last", state.Last, 3)
	equal(t, "messages", state.Messages, 3)
	empty, err := s.State(ctx, event.Status)
	must(t, err)
	equal(t, "first of an empty stream", empty.First, 1)
	equal(t, "last of an empty stream", empty.Last, 0)
}

func publishDedupes(t *testing.T, s Subject) {
	ctx := within(t)
	e := cordon("eu-1", "one")
	first, err := s.Publish(ctx, e)
	must(t, err)
	again, err := s.Publish(ctx, e)
	must(t, err)
	equal(t, "the same event again", again, first)
	e.Source = "/operators/other"
	other, err := s.Publish(ctx, e)
	must(t, err)
	equal(t, "the same id from another source", other, first+1)
}

func publishAsync(t *testing.T, s Subject) {
	ctx := within(t)
	var all []*stream.Pending
	for i := range 200 {
		p, err := s.PublishAsync(ctx, cordon("eu-1", fmt.Sprint(i)))
		must(t, err)
		all = append(all, p)
	}
	for i, p := range all {
		first, last, err := p.Wait(ctx)
		must(t, err)
		equal(t, "sequence", last, uint64(i+1))
		equal(t, "first", first, last)
	}
}

// huge is an event of more than a megabyte.
func huge() event.Event {
	e := event.New("/tenants/shop/test", &event.WorkloadSubmitted{
		Tenant: "shop", Name: "huge", Kind: "service", Replicas: 1,
		Template: event.Template{Image: "example.org/huge", Env: map[string]string{}},
	})
	e.ID = "huge"
	for i := range 100 {
		e.Data.(*event.WorkloadSubmitted).Template.Env[fmt.Sprintf("VARIABLE_%d", i)] = strings.Repeat("x", 15<<10)
	}
	return e
}

func publishTooLarge(t *testing.T, s Subject) {
	ctx := within(t)
	e := huge()
	_, err := s.Publish(ctx, e)
	var large *stream.TooLarge
	if !errors.As(err, &large) || large.Size <= large.Limit || large.Limit != s.Limit(event.Intents) {
		t.Fatalf("got %v, want a TooLarge with its numbers", err)
	}
	if _, err := s.PublishAsync(ctx, e); !errors.As(err, &large) {
		t.Fatalf("asynchronously got %v, want a TooLarge", err)
	}
	m := records("eu-1", 0, 2)
	m[1].Data = make([]byte, 2<<20)
	a := s.Appender(0)
	if _, _, err := a.Append(ctx, m).Wait(ctx); !errors.As(err, &large) {
		t.Fatalf("append got %v, want a TooLarge", err)
	}
	_, last, err := a.Append(ctx, records("eu-1", 0, 1)).Wait(ctx)
	must(t, err) // nothing was sent, the chain goes on
	equal(t, "last", last, 1)
}
