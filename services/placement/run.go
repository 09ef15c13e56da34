package placement

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/stream"
)

// Run leads the federation until ctx ends: connect, open the log, fold it, begin an
// epoch, decide. It returns nil after an orderly stop, ErrDeposed when another
// instance took over, ErrRolledBack when the log lost what it held, or why it could
// not go on.
func Run(ctx context.Context, cfg Config) error {
	cfg = cfg.Defaults()
	if err := cfg.Validate(); err != nil {
		return err
	}
	nc, done, err := connect(ctx, cfg)
	if err != nil {
		return err
	}
	defer done()
	log, err := stream.Open(ctx, nc, stream.Options{Replicas: cfg.Replicas, InFlight: cfg.InFlight, AckTimeout: cfg.AppendTimeout, Log: cfg.Log})
	if err != nil {
		return err
	}
	return terms(ctx, cfg, nc, log)
}

// RunOn is Run on a log that is open already, without the query service.
func RunOn(ctx context.Context, cfg Config, log Tape) error {
	cfg = cfg.Defaults()
	if err := cfg.Validate(); err != nil {
		return err
	}
	return terms(ctx, cfg, nil, log)
}

// terms leads until there is a reason to stop. A leader whose state is not what the
// log says folds the log again.
func terms(ctx context.Context, cfg Config, nc *nats.Conn, log Tape) error {
	hold := map[refusedDecision]string{}
	for {
		err := lead(ctx, cfg, nc, log, hold)
		cfg.Ready(false, "not leading")
		var refused *errUnacceptable
		switch {
		case err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()):
			return nil
		case errors.As(err, &refused):
			hold[refused.refusedDecision] = refused.why
		case !errors.Is(err, errRebuild):
			return err
		}
		cfg.Log.Warn("folding the log again", "why", err)
	}
}

// lead is one term: from the log to the step function, until it steps down.
func lead(ctx context.Context, cfg Config, nc *nats.Conn, log Tape, hold map[refusedDecision]string) error {
	h, err := rebuild(ctx, log, cfg)
	if err != nil {
		return err
	}
	defer h.close()
	me, err := begin(ctx, h)
	if err != nil {
		return err
	}
	cfg.Log.Info("epoch begun", "epoch", me.epoch, "leader", me.leader, "sequence", me.at)
	return newShell(cfg, nc, log, h, newLoop(cfg, h, me, hold)).run(ctx)
}

// connect gives the connection of the configuration and what closes it.
func connect(ctx context.Context, cfg Config) (*nats.Conn, func(), error) {
	if cfg.Conn != nil {
		return cfg.Conn, func() {}, nil
	}
	c := cfg.Connect
	set(&c.Name, "fairlead placement "+cfg.Instance)
	nc, err := stream.Connect(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	return nc, nc.Close, nil
}
