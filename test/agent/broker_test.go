package agent

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	agentsim "fairlead.dev/services/agent-sim"
	"fairlead.dev/test/harness"
)

// patience bounds what must happen in a test.
const patience = 60 * time.Second

// broker is a real server with the log set up; it can go away and come back.
type broker struct {
	*server.Server
	t    *testing.T
	dir  string
	port int
	log  *stream.Log
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{t: t, dir: t.TempDir(), port: server.RANDOM_PORT}
	b.start()
	t.Cleanup(b.stop)
	nc := b.connect()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Setup(t.Context(), js, stream.Options{}); err != nil {
		t.Fatal(err)
	}
	if b.log, err = stream.Open(t.Context(), nc, stream.Options{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *broker) start() {
	b.t.Helper()
	s, err := harness.Serve(harness.Synced(b.dir, b.port))
	if err != nil {
		b.t.Fatal(err)
	}
	b.Server, b.port = s, s.Addr().(*net.TCPAddr).Port
}

func (b *broker) stop() { harness.End(b.Server) }

func (b *broker) connect() *nats.Conn {
	b.t.Helper()
	nc, err := stream.Connect(b.t.Context(), stream.ConnConfig{URL: b.ClientURL(), Name: b.t.Name(), Log: slog.New(slog.NewTextHandler(b.t.Output(), nil))})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(nc.Close)
	return nc
}

// soon is a context for what must happen soon.
func (b *broker) soon() context.Context {
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	b.t.Cleanup(cancel)
	return ctx
}

// process is an agent process with one simulated cluster.
type process struct {
	kill context.CancelFunc
	done chan error
}

// run starts the agent of a cluster; the test ends it if it has not ended by then.
func (b *broker) run(c *agentsim.Cluster, change ...func(*agentsim.Config)) *process {
	ctx, kill := context.WithCancel(context.Background())
	p := &process{kill, make(chan error, 1)}
	cfg := agentsim.Config{
		Clusters: []*agentsim.Cluster{c},
		Connect:  stream.ConnConfig{URL: b.ClientURL(), Name: "agent"},
		Join:     true,
		Log:      slog.New(slog.NewTextHandler(b.t.Output(), nil)),
		Agent:    agent.Settings{ReportMin: 20 * time.Millisecond, ObserveMin: 10 * time.Millisecond, ReportEvery: 2 * time.Second},
	}
	for _, f := range change {
		f(&cfg)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.done <- agentsim.Run(ctx, cfg)
	}()
	b.t.Cleanup(func() {
		kill()
		<-ended
	})
	return p
}

// stop ends the process in good order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.kill()
	if err := p.wait(t); err != nil {
		t.Fatalf("agent: %v", err)
	}
}

func (p *process) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.done:
		return err
	case <-time.After(patience):
		t.Fatal("the agent does not end")
		return nil
	}
}

// tape reads one stream for what the test waits for.
type tape struct {
	b      *broker
	reader *stream.Reader
	rest   []event.Event
}

func (b *broker) read(s event.Stream, types ...event.Type) *tape {
	b.t.Helper()
	var filter []string
	for _, t := range types {
		filter = append(filter, event.FilterType(t))
	}
	r, err := b.log.Read(b.t.Context(), s, 0, filter...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(r.Close)
	return &tape{b: b, reader: r}
}

// next gives the first event not yet given that is of type P and meets the condition.
func next[P event.Payload](tp *tape, what string, ok func(P) bool) (event.Event, P) {
	tp.b.t.Helper()
	ctx := tp.b.soon()
	for at := 0; ; at++ {
		for at == len(tp.rest) {
			if err := tp.more(ctx); err != nil {
				tp.b.t.Fatalf("waiting for %s: %v; the last of %d other events is %+v", what, err, at, tp.last())
			}
		}
		e := tp.rest[at]
		if p, is := e.Data.(P); is && ok(p) {
			tp.rest = slices.Delete(tp.rest, at, at+1)
			return e, p
		}
	}
}

func (tp *tape) more(ctx context.Context) error {
	batch, err := tp.reader.Next(ctx)
	if err != nil {
		return err
	}
	for _, m := range batch {
		e, err := m.Event()
		if err != nil {
			return fmt.Errorf("the agent published what cannot be read: %w", err)
		}
		tp.rest = append(tp.rest, e)
	}
	return nil
}

func (tp *tape) last() event.Payload {
	if len(tp.rest) == 0 {
		return nil
	}
	return tp.rest[len(tp.rest)-1].Data
}

// stream gives every event of the tape in a channel, until the test ends.
func (tp *tape) stream() <-chan event.Event {
	out := make(chan event.Event)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	tp.b.t.Cleanup(func() {
		cancel()
		<-done
	})
	go func() {
		defer close(done)
		for tp.more(ctx) == nil {
			for _, e := range tp.rest {
				select {
				case out <- e:
				case <-ctx.Done():
				}
			}
			tp.rest = nil
		}
	}()
	return out
}
