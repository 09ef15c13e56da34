package fairlead

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// workloadID reads a WORKLOAD argument: TENANT/NAME, or NAME with --tenant.
func (s *Session) workloadID(arg string) (event.WorkloadID, error) {
	full := arg
	if !strings.Contains(arg, "/") {
		tenant := s.tenantName()
		if tenant == "" {
			return event.WorkloadID{}, exit.Errorf(exit.Usage, "workload %q: write TENANT/%s, or give --tenant or FAIRLEAD_TENANT", arg, arg)
		}
		full = tenant + "/" + arg
	}
	id, err := event.ParseWorkloadID(full)
	return id, exit.With(exit.Usage, err)
}

// clusterID reads a CLUSTER argument.
func clusterID(arg string) (event.ClusterID, error) {
	if err := event.CheckName(arg); err != nil {
		return "", exit.Errorf(exit.Usage, "cluster: %w", err)
	}
	return event.ClusterID(arg), nil
}

// fleet is a connection with the two things that commands talk to: the service
// that answers questions and the log.
type fleet struct {
	nc  *nats.Conn
	ask *query.Client
	id  identity.Identity
}

func (s *Session) fleet(ctx context.Context) (*fleet, error) {
	nc, id, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	return &fleet{nc: nc, ask: query.New(nc), id: id}, nil
}

func (f *fleet) close() { f.nc.Close() }

// log opens the log; what is missing of it is told by name, to those who may look.
func (f *fleet) log(ctx context.Context) (*stream.Log, error) {
	l, err := stream.Open(ctx, f.nc, stream.Options{Log: quiet(), Identity: f.id, SkipCheck: f.id.API != ""})
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return l, nil
}

// open is the fleet with its log; the fleet is to be closed.
func (s *Session) open(ctx context.Context) (*fleet, *stream.Log, error) {
	f, err := s.fleet(ctx)
	if err != nil {
		return nil, nil, err
	}
	l, err := f.log(ctx)
	if err != nil {
		f.close()
		return nil, nil, err
	}
	return f, l, nil
}

// publish stores one fact under a fresh id and gives its place in the log.
func publish(ctx context.Context, l *stream.Log, source string, p event.Payload) (uint64, error) {
	e := fresh(source, p)
	e.Trace = telemetry.Origin(ctx)
	if err := mayPublish(l, source); err != nil {
		return 0, err
	}
	seq, err := l.Publish(ctx, e)
	if err != nil {
		return 0, fmt.Errorf("publish %s: %w", p.Entity(), err)
	}
	return seq, nil
}

// fresh is a new fact of this moment under an id of its own.
func fresh(source string, p event.Payload) event.Event {
	e := event.New(source, p)
	e.ID, e.Time = nuid.Next(), time.Now().UTC()
	return e
}

// answered gives the errors of the query service their exit codes and words.
func answered(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*query.NotFound)):
		return exit.Errorf(exit.NotFound, "%s is not known", what)
	case errors.As(err, new(*query.Unreachable)), errors.Is(err, context.DeadlineExceeded):
		return exit.Errorf(exit.Unreachable, "the placement service does not answer (is `fairlead run placement` or `fairlead dev` running?): %w", err)
	case errors.As(err, new(*query.Invalid)):
		return exit.With(exit.Usage, err)
	}
	return fmt.Errorf("ask for %s: %w", what, err)
}

// quiet is the logger of libraries below the command line: what matters comes back
// as an error.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
