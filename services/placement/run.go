package placement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/stream"
)

// Run serves the federation until ctx ends: connect, open the log, fold it, stand by
// while another instance leads, and lead when none does. It returns nil after an orderly
// stop, ErrRolledBack when the log lost what it held, or why it could not go on. An
// instance that is deposed stands by again.
func Run(ctx context.Context, cfg Config) error {
	cfg = cfg.Defaults()
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg, err := cfg.identified()
	if err != nil {
		return err
	}
	nc, done, err := connect(ctx, cfg)
	if err != nil {
		return err
	}
	defer done()
	log, err := stream.Open(ctx, nc, stream.Options{Replicas: cfg.Replicas, InFlight: cfg.InFlight, AckTimeout: cfg.AppendTimeout, Identity: cfg.Identity, Log: cfg.Log})
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

// career is an instance over its terms.
type career struct {
	cfg    Config
	nc     *nats.Conn
	log    Tape
	hold   map[refusedDecision]string // what the log refused, to be recorded as held
	former string                     // what it was called as a leader just now
	stood  bool                       // it has folded the log once
}

func terms(ctx context.Context, cfg Config, nc *nats.Conn, log Tape) error {
	return (&career{cfg: cfg, nc: nc, log: log, hold: map[refusedDecision]string{}}).run(ctx)
}

// restless is how short a term is that the next one waits for.
const restless = 10 * time.Second

// run stands by and leads in turn until there is a reason to stop. An instance whose
// state is not what the log says folds the log again.
func (c *career) run(ctx context.Context) error {
	pause := backoff{}
	for {
		began := time.Now()
		err := c.term(ctx)
		c.cfg.Ready(false, "not leading")
		c.cfg.Hot(false, "folding the log")
		if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return nil
		}
		if !c.again(err) {
			return wayOut(err)
		}
		c.cfg.Log.Warn("folding the log again", "why", err)
		if time.Since(began) > restless {
			pause = backoff{}
		}
		pause.wait(ctx)
	}
}

// wayOut adds to a log that rolled back what an operator can do about it.
func wayOut(err error) error {
	if !errors.Is(err, ErrRolledBack) {
		return err
	}
	return fmt.Errorf("%w; nothing is decided until an operator chose a way out: put back the store that holds more, `fairlead restore` a backup, or start once with --adopt-log (docs/failures.md, \"The log rolled back\")", err)
}

// again says whether a term that ended so is followed by another.
func (c *career) again(err error) bool {
	var refused *errUnacceptable
	switch {
	case errors.As(err, &refused):
		c.hold[refused.refusedDecision] = refused.why
		return true
	case errors.Is(err, ErrRolledBack):
		return false
	case errors.Is(err, errUnread):
		return c.stood && !errors.As(err, new(*stream.Absent)) // the store is away; the first start says so at once
	}
	return errors.Is(err, errRebuild) || errors.Is(err, errDeposed)
}

// errUnread says that the log could not be folded.
var errUnread = errors.New("the log cannot be read")

// term folds the log, stands by, and leads until it steps down.
func (c *career) term(ctx context.Context) error {
	h, err := rebuild(ctx, c.log, c.cfg)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnread, err)
	}
	defer h.close()
	c.stood = true
	former := c.former
	c.former = ""
	me, err := attend(ctx, c.cfg, c.nc, c.log, h, former)
	if me == nil || err != nil {
		return err
	}
	c.former = me.leader
	c.cfg.Log.Info("epoch begun", "epoch", me.epoch, "leader", me.leader, "sequence", me.at)
	return newShell(c.cfg, c.nc, c.log, h, newLoop(c.cfg, h, *me, c.hold)).run(ctx)
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
