package security_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/pkg/stream"
)

// Everybody can do what they are there for: rights that refuse everything would pass all
// that is tried above.
func TestEverybodyCanWork(t *testing.T) {
	s := newStage(t)
	ctx := t.Context()
	agent := s.agents[own]
	commands, err := agent.log.Commands(ctx, own)
	must(t, err)
	defer commands.Close()
	got, err := commands.Next(ctx)
	must(t, err)
	if _, err := got[0].Event(); err != nil {
		t.Errorf("placement's command at the agent: %v", err)
	}
	must(t, got[0].Ack(ctx))
	_, err = s.members[rights.Tenant].log.Publish(ctx, submission(ownTenant))
	must(t, err)
	_, err = s.members[rights.Tenant].log.PublishAll(ctx, []event.Event{named("a"), named("b")})
	must(t, err)
	s.placementReads(t)
	s.readerReads(t)
	s.integrationFollows(t)
}

func named(name string) event.Event {
	e := submission(ownTenant)
	e.ID = name
	return e
}

// placementReads folds what everybody said.
func (s *stage) placementReads(t *testing.T) {
	t.Helper()
	facts, err := s.members[rights.Placement].log.Tail(t.Context(), event.Intents, 0)
	must(t, err)
	if len(facts) != 5 {
		t.Errorf("%d intents, want two hellos and three wishes", len(facts))
	}
	for _, m := range facts {
		if _, err := m.Event(); err != nil {
			t.Errorf("%s: %v", m.Subject, err)
		}
	}
}

// readerReads reads by position what others follow by consumers, whole and filtered, up
// to the end and beyond.
func (s *stage) readerReads(t *testing.T) {
	t.Helper()
	reader := s.members[rights.Reader]
	all, err := reader.log.Tail(t.Context(), event.Intents, 0)
	must(t, err)
	for _, m := range all {
		if _, err := m.Event(); err != nil {
			t.Errorf("%s: %v", m.Subject, err)
		}
	}
	r, err := reader.log.Read(t.Context(), event.Intents, 0, event.FilterTenant(event.Intents, ownTenant, ">"))
	must(t, err)
	defer r.Close()
	mine, err := r.Next(t.Context())
	must(t, err)
	if len(all) != 5 || len(mine) != 3 {
		t.Errorf("read %d of 5 intents, %d of 3 of the tenant", len(all), len(mine))
	}
	_, err = s.members[rights.Tenant].log.Publish(t.Context(), named("c"))
	must(t, err)
	later, err := r.Next(t.Context())
	must(t, err)
	if len(later) != 1 {
		t.Errorf("%d records came later, want 1", len(later))
	}
	if _, err := reader.log.LetterCounts(t.Context()); err != nil {
		t.Error(err)
	}
}

// integrationFollows pulls from its own durable and settles.
func (s *stage) integrationFollows(t *testing.T) {
	t.Helper()
	js, err := jetstream.NewWithAPIPrefix(s.members[rights.Integration].nc, rights.API)
	must(t, err)
	c, err := js.Consumer(t.Context(), string(event.Placements), stream.Subscription("billing"))
	must(t, err)
	m, err := c.Next(jetstream.FetchMaxWait(5 * time.Second))
	must(t, err)
	must(t, m.DoubleAck(t.Context()))
}
