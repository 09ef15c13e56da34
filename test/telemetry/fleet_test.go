package telemetry

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	agentsim "fairlead.dev/services/agent-sim"
	"fairlead.dev/services/fairlead"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/placement"
	"fairlead.dev/test/harness"
)

// patience bounds every wait; a loaded machine may need much of it.
const patience = 60 * time.Second

// memory keeps the spans of every process of the tests. It outlives the providers that
// send to it: tracetest's own forgets at their shutdown.
type memory struct{ *tracetest.InMemoryExporter }

func (memory) Shutdown(context.Context) error { return nil }

var spans = memory{tracetest.NewInMemoryExporter()}

// TestMain lets OTEL_TRACES_EXPORTER=memory mean the exporter of the tests, as a
// collector would be named in earnest.
func TestMain(m *testing.M) {
	autoexport.RegisterSpanExporter("memory", func(context.Context) (sdktrace.SpanExporter, error) { return spans, nil })
	os.Exit(m.Run())
}

// fleet is a broker, placement and one simulated cluster, in this process.
type fleet struct {
	*harness.Broker
	t   *testing.T
	end []func()
}

// newFleet starts all three, telling to p.
func newFleet(t *testing.T, p telemetry.Providers) *fleet {
	t.Helper()
	spans.Reset()
	b, err := harness.StartBroker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	f := &fleet{Broker: b, t: t}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	leads := make(chan struct{})
	first := sync.OnceFunc(func() { close(leads) })
	f.run("placement", func(ctx context.Context) error {
		return placement.Run(ctx, placement.Config{Conn: b.Conn, Log: log, Telemetry: p, Ready: func(ready bool, _ string) {
			if ready {
				first()
			}
		}})
	})
	t.Cleanup(f.stop)
	select {
	case <-leads:
	case <-f.soon().Done():
		t.Fatal("placement does not lead")
	}
	f.run("agent", func(ctx context.Context) error {
		return agentsim.Run(ctx, agentsim.Config{
			Clusters: []*agentsim.Cluster{agentsim.New(agentsim.Spec{
				Name: "eu-1", Nodes: []agentsim.Nodes{{Count: 2, Shape: "small", CPU: 4000, Memory: 8 << 30}},
				Behaviour: agentsim.Behaviour{ReadyDelay: agentsim.Duration(20 * time.Millisecond)},
			})},
			Conn: b.Conn, Join: true, Log: log, Telemetry: p,
			Agent: agent.Settings{ReportMin: 20 * time.Millisecond, ObserveMin: 10 * time.Millisecond},
		})
	})
	return f
}

func (f *fleet) run(what string, service func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- service(ctx) }()
	f.end = append(f.end, func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Errorf("%s: %v", what, err)
		}
	})
}

// stop ends the services, the last one first, so that all their spans have ended.
func (f *fleet) stop() {
	for len(f.end) > 0 {
		last := len(f.end) - 1
		f.end[last]()
		f.end = f.end[:last]
	}
}

// submit runs the command line with further variables until the workload is ready.
func (f *fleet) submit(name string, environ ...string) {
	f.t.Helper()
	file := "tenant: shop\nname: " + name + "\nreplicas: 2\ntemplate:\n  image: web:1\n  resources: {cpu: 500m, memory: 64Mi}\n"
	var out bytes.Buffer
	code := fairlead.Run(f.soon(), fairlead.Session{
		In: strings.NewReader(file), Out: &out, Err: &out,
		Environ: append([]string{"HOME=" + f.t.TempDir(), "FAIRLEAD_SERVER=" + f.URL}, environ...),
	}, []string{"submit", "-f", "-", "--wait", "--timeout", patience.String()})
	if code != exit.OK {
		f.t.Fatalf("submit: exit code %d\n%s", code, out.String())
	}
}

func (f *fleet) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	f.t.Cleanup(cancel)
	return ctx
}

// recorded is everything in the log, by id, and the header each event came with.
func (f *fleet) recorded() map[string]message {
	f.t.Helper()
	all := map[string]message{}
	for _, s := range event.Streams() {
		messages, err := f.Log.Tail(f.soon(), s, 1)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, m := range messages {
			e, err := m.Event()
			if err != nil {
				f.t.Fatal(err)
			}
			all[e.ID] = message{e, m.Header}
		}
	}
	return all
}

type message struct {
	event.Event
	header map[string][]string
}
