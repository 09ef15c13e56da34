package stream_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/test/harness"
)

func TestConnectTellsWhy(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	nobody := "nats://" + free.Addr().String()
	must(t, free.Close())
	if _, err := stream.Connect(t.Context(), stream.ConnConfig{URL: nobody}); !errors.Is(err, stream.ErrUnreachable) {
		t.Errorf("nobody listens: %v", err)
	}

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	c := stream.ConnConfig{URL: "nats://" + silent.Addr().String(), Timeout: 200 * time.Millisecond}
	if _, err := stream.Connect(t.Context(), c); !errors.Is(err, stream.ErrUnreachable) {
		t.Errorf("somebody listens and says nothing: %v", err)
	}

	o := harness.Synced(t.TempDir(), server.RANDOM_PORT)
	o.Username, o.Password = "agent", "secret"
	s, err := harness.Serve(o)
	must(t, err)
	defer harness.End(s)
	c = stream.ConnConfig{URL: s.ClientURL(), User: "agent", Password: "wrong"}
	if _, err := stream.Connect(t.Context(), c); !errors.Is(err, stream.ErrUnauthorized) {
		t.Errorf("wrong password: %v", err)
	}
	c.Password = "secret"
	nc, err := stream.Connect(t.Context(), c)
	must(t, err)
	nc.Close()

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := stream.Connect(gone, c); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

// TestEmbedded talks to a server that listens nowhere, and outlives the context of
// Connect.
func TestEmbedded(t *testing.T) {
	o := harness.Synced(t.TempDir(), 0)
	o.DontListen = true
	s, err := harness.Serve(o)
	must(t, err)
	defer harness.End(s)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	nc, err := stream.Connect(ctx, stream.ConnConfig{Server: s})
	cancel()
	must(t, err)
	defer nc.Close()
	_, err = stream.Setup(soon(t), jetStream(t, nc), stream.Options{Scale: 0.01})
	must(t, err)
	l, err := stream.Open(soon(t), nc, stream.Options{Scale: 0.01})
	must(t, err)
	if seq, err := l.Publish(soon(t), cordon("one")); err != nil || seq != 1 {
		t.Fatalf("sequence %d, %v", seq, err)
	}
}

// TestAgentPermissions gives a connection no more than an agent has: it publishes,
// takes its commands and acknowledges them; it cannot look at the streams.
func TestAgentPermissions(t *testing.T) {
	o := harness.Synced(t.TempDir(), server.RANDOM_PORT)
	o.Users = []*server.User{
		{Username: "operator", Password: "x"},
		{Username: "eu-1", Password: "x", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: []string{
				"fairlead.*.cluster.eu-1.>",
				"$JS.API.CONSUMER.MSG.NEXT.PLACEMENTS.agent-eu-1",
				"$JS.API.CONSUMER.INFO.PLACEMENTS.agent-eu-1",
				"$JS.ACK.PLACEMENTS.agent-eu-1.>",
				"$JS.ACK.*.*.PLACEMENTS.agent-eu-1.>",
			}},
			Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX_eu-1.>"}},
		}},
	}
	s, err := harness.Serve(o)
	must(t, err)
	defer harness.End(s)
	ctx := soon(t)
	operator, err := stream.Connect(ctx, stream.ConnConfig{URL: s.ClientURL(), User: "operator", Password: "x"})
	must(t, err)
	defer operator.Close()
	_, err = stream.Setup(ctx, jetStream(t, operator), contractOptions)
	must(t, err)
	all, err := stream.Open(ctx, operator, contractOptions)
	must(t, err)
	must(t, all.Join(ctx, "eu-1"))
	_, _, err = all.Appender(0).Append(ctx, namedBatch("one", 5)).Wait(ctx)
	must(t, err)

	nc, err := stream.Connect(ctx, stream.ConnConfig{
		URL: s.ClientURL(), User: "eu-1", Password: "x", InboxPrefix: "_INBOX_eu-1"})
	must(t, err)
	defer nc.Close()
	own, err := stream.Open(ctx, nc, stream.Options{SkipCheck: true, AckTimeout: time.Second})
	must(t, err)
	hello := event.New("/clusters/eu-1/agent", &event.AgentStarted{Cluster: "eu-1", Instance: "a", Reason: "start"})
	hello.ID = "hello"
	if seq, err := own.Publish(ctx, hello); err != nil || seq != 1 {
		t.Fatalf("sequence %d, %v", seq, err)
	}
	p, err := own.PublishAsync(ctx, hello)
	must(t, err)
	_, _, err = p.Wait(ctx)
	must(t, err)
	commands, err := own.Commands(ctx, "eu-1")
	must(t, err)
	defer commands.Close()
	settle(t, commands, 1, 5)
}
