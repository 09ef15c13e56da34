package security_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/services/placement"
)

// The real placement service among forgeries: each becomes a dead letter with its reason,
// and the genuine events beside them have their effect as if there were none.
func TestPlacementAmongForgeries(t *testing.T) {
	f := found(t)
	f.issue(rights.Agent, "eu-1")
	f.issue(rights.Agent, "eu-2")
	f.issue(rights.Tenant, "shop")
	one, two, shop := f.as(rights.Agent, "eu-1"), f.as(rights.Agent, "eu-2"), f.as(rights.Tenant, "shop")
	p := f.as(rights.Placement, "placement")
	ada := f.as(rights.Operator, "ada")
	must(t, ada.log.Join(t.Context(), "eu-1"))
	stop := f.serve(t, p)

	// Somebody takes the id that another's genuine hello would have where ids are not keyed.
	must(t, one.send("fairlead.intents.cluster.eu-1.agent.started", "", nats.Header{jetstream.MsgIDHeader: {"/clusters/eu-2/agent#eu-2/hello/1"}}, []byte("x")))
	// Unsigned, another's, and the server's own answer under an own subject.
	must(t, one.send(unsigned(hello("eu-1"))))
	must(t, one.say("fairlead.intents.cluster.eu-1.agent.started", hello("eu-2")))
	must(t, shop.send("fairlead.intents.tenant.shop.workload.withdrawn", "fairlead.intents.tenant.shop.workload.submitted", nil, []byte("x")))
	// The genuine ones, by those whose they are.
	_, err := two.log.Publish(t.Context(), hello("eu-2"))
	must(t, err)
	_, err = one.log.Publish(t.Context(), hello("eu-1"))
	must(t, err)

	f.until(t, "both clusters are known", func(ctx context.Context) bool {
		clusters, _, err := query.New(ada.nc).Clusters(ctx)
		return err == nil && len(clusters) == 2
	})
	f.until(t, "the answer to a hello reaches its agent, signed", func(ctx context.Context) bool {
		commands, err := one.log.Commands(ctx, "eu-1")
		if err != nil {
			return false
		}
		defer commands.Close()
		got, err := commands.Next(ctx)
		if err != nil {
			return false
		}
		e, err := got[0].Event()
		_, answered := e.Data.(*event.CommandSynchronise)
		return err == nil && answered
	})
	want := map[string]int{event.NotAnEvent: 3, event.Unsigned: 1, event.WrongSubject: 1}
	f.until(t, "every forgery is a dead letter", func(ctx context.Context) bool {
		counts, err := ada.log.LetterCounts(ctx)
		return err == nil && equal(counts, want)
	})
	stop()
	// A second fold comes to the same: nothing hangs on when or by whom it was read.
	f.serve(t, p)
	f.until(t, "another term knows the same clusters", func(ctx context.Context) bool {
		clusters, _, err := query.New(ada.nc).Clusters(ctx)
		return err == nil && len(clusters) == 2
	})
	if counts, err := ada.log.LetterCounts(t.Context()); err != nil || !equal(counts, want) {
		t.Errorf("dead letters %v, want %v (%v)", counts, want, err)
	}
}

func unsigned(e event.Event) (subject, reply string, h nats.Header, body []byte) {
	subject, h, body = plain(e)
	return subject, "", h, body
}

func equal(a, b map[string]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// serve runs placement until the test ends or it is told to stop.
func (f *federation) serve(t *testing.T, m *member) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- placement.Run(ctx, placement.Config{Conn: m.nc, Identity: m.id, Log: quiet}) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("placement: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// until asks again and again, for a minute at most.
func (f *federation) until(t *testing.T, what string, ok func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !ok(ctx) {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited too long: %s", what)
		}
	}
}
