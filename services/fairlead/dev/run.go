package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/agent-sim"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// grace is how long an orderly stop may take altogether.
const grace = 10 * time.Second

// Config says what to run.
type Config struct {
	Port       int             // of the NATS server; 0 takes 4222 or the next that is free
	Data       string          // folder that is kept; "" takes a temporary one
	Clusters   []agentsim.Spec // simulated clusters
	Examples   []Example       // workloads submitted into an empty log
	Kubernetes []Kubernetes    // real clusters to join
	Log        *slog.Logger
	Telemetry  telemetry.Providers // of everything in the process; the zero value is nobody
	Announce   func(Announcement)  // called once, when the server answers
	Settled    func(Settled)       // called once, when everything has started
	Failed     func(error)         // a Kubernetes agent ended
}

// Announcement is what is known once the server answers.
type Announcement struct {
	Server string // URL
	Port   int
	Data   string
	Kept   bool // the data folder outlives the process
	Took   time.Duration
}

// Settled is what is known once placement leads and the agents are synchronised.
type Settled struct {
	Submitted int // example workloads
	Took      time.Duration
}

// DefaultPort says whether clients find the server without being told.
func (a Announcement) DefaultPort() bool { return a.Port == defaultPort }

// federation is what the parts share; each part sets what the ones after it use.
type federation struct {
	Config
	began  time.Time
	data   string
	port   int
	server *server.Server
	nc     *nats.Conn
	log    *stream.Log
	synced chan event.ClusterID
}

// Run runs everything until ctx ends. A stop in good order is no error.
func Run(ctx context.Context, c Config) (err error) {
	f := &federation{Config: c, began: time.Now(), synced: make(chan event.ClusterID, len(c.Clusters))}
	if f.port, err = freePort(c.Port); err != nil {
		return err
	}
	path, done, err := openData(c.Data)
	if err != nil {
		return err
	}
	f.data = path
	defer func() { err = errors.Join(err, done()) }()
	return daemon.Run(ctx, grace, f.parts()...)
}

// parts lists everything in the order of starting; they stop in reverse.
func (f *federation) parts() []daemon.Part {
	parts := []daemon.Part{
		{Name: "nats", Run: f.runServer},
		{Name: "log", Run: f.runLog},
		{Name: "placement", Run: f.runPlacement},
		{Name: "agents", Run: f.runAgents},
	}
	for _, k := range f.Kubernetes {
		parts = append(parts, f.kubernetes(k))
	}
	return append(parts, daemon.Part{Name: "examples", Run: f.runExamples})
}

func (f *federation) runServer(ctx context.Context, ready func()) error {
	s, err := startServer(f.port, f.data, f.Log)
	if err != nil {
		return err
	}
	f.server = s
	f.Announce(Announcement{Server: s.ClientURL(), Port: f.port, Data: f.data, Kept: f.Config.Data != "", Took: time.Since(f.began)})
	ready()
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}

func (f *federation) runLog(ctx context.Context, ready func()) error {
	nc, err := f.connect(ctx, "fairlead dev")
	if err != nil {
		return err
	}
	defer nc.Close()
	f.nc = nc
	if err := f.setup(ctx); err != nil {
		return err
	}
	ready()
	<-ctx.Done()
	return nil
}

// connect reaches the embedded server without a socket.
func (f *federation) connect(ctx context.Context, name string) (*nats.Conn, error) {
	return stream.Connect(ctx, stream.ConnConfig{Server: f.server, Name: name, Log: f.Log})
}

// Example is one workload to submit.
type Example struct{ Workload *event.WorkloadSubmitted }

// LogTo gives a logger for dev: only what a person should look at.
func LogTo(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: short}))
}

func short(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.String(a.Key, a.Value.Time().Format("15:04:05.000"))
	}
	return a
}

func wrap(act string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", act, err)
}
