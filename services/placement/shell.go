package placement

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
)

// shell is everything round the step function that blocks: readers, the appender,
// timers, checkpoints and queries. They meet the loop in one channel.
type shell struct {
	cfg  Config
	nc   *nats.Conn
	log  Tape
	feed map[event.Stream]*feed
	loop *loop

	inputs chan input
	sends  chan send
	saves  chan *frozen
	ready  string // what was told last
	warned []string

	company company // the standbys
	live    live    // for them, and for people
}

func newShell(cfg Config, nc *nats.Conn, log Tape, h *history, l *loop) *shell {
	return &shell{
		cfg: cfg, nc: nc, log: log, feed: h.feeds, loop: l,
		inputs: make(chan input), sends: make(chan send, maxSends), saves: make(chan *frozen, 1),
	}
}

// run moves inputs and effects until the leader steps down or ctx ends, which is an
// orderly stop: everything applied gets into the log, then a checkpoint.
func (s *shell) run(ctx context.Context) error {
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	defer s.loop.watch.ended()
	defer group.Wait()
	defer end()
	defer s.loop.watch.lag(s.log)()
	for _, name := range factStreams {
		group.Go(func() { s.read(work, s.feed[name]) })
	}
	group.Go(func() { s.append(work) })
	group.Go(func() { s.tick(work) })
	group.Go(func() { s.checkpoints(work) })
	group.Go(func() { s.steer(work) })
	group.Go(func() { s.measureRoom(work) })
	if s.nc != nil {
		hush, err := query.ServeInstance(s.nc, true, s.about)
		if err != nil {
			return err
		}
		defer hush()
		service, err := query.Serve(s.nc, serviceVersion, s.ask(work))
		if err != nil {
			return err
		}
		defer func() { _ = service.Stop() }()
	}
	return s.steps(ctx, work, &group)
}

// serviceVersion is what `nats micro` shows; the engine's version is in the status.
const serviceVersion = "1.0.0"

func (s *shell) steps(ctx, work context.Context, group *sync.WaitGroup) error {
	stopped, grace := ctx.Done(), (<-chan time.Time)(nil)
	always := make(chan struct{})
	close(always)
	var more <-chan struct{}
	for {
		var in input
		select {
		case in = <-s.inputs:
		case <-more:
			in = goOn{}
		case <-stopped:
			in, stopped, grace = stop{}, nil, time.After(s.cfg.Grace)
			if s.away() {
				return s.leave()
			}
		case <-grace:
			return fmt.Errorf("stop: the log took nothing for %s: %s", s.cfg.Grace, s.ready)
		}
		out := s.loop.step(in)
		s.perform(work, group, out)
		s.live.note(s.loop)
		if more = nil; out.more {
			more = always
		}
		if out.stop != nil {
			return out.stop
		}
		switch {
		case out.stopped:
			return s.saveLast(work, out.save)
		case grace != nil && s.away():
			return s.leave()
		}
	}
}

// away says that the connection is gone, as far as anybody can know.
func (s *shell) away() bool { return s.nc != nil && !s.nc.IsConnected() }

// leave ends an orderly stop that the log cannot take part in. Nothing is lost by it:
// what is not in the log was promised to nobody, and the next leader decides it anew.
func (s *shell) leave() error {
	s.cfg.Log.Warn("stopped without the log: the connection is gone; the next leader folds what was acknowledged", "acknowledged", s.loop.acked)
	return nil
}

// perform carries effects out. It never blocks: whatever may take long is handed to a
// goroutine, or the loop could wait for one that waits for the loop.
func (s *shell) perform(ctx context.Context, group *sync.WaitGroup, out effects) {
	for i, b := range out.appends {
		group.Go(b.encode) // beside the batch before it, which may still be on its way
		s.sends <- send{batch: b, after: b.first - 1, again: out.restart && i == 0}
	}
	if out.look != nil {
		group.Go(func() { s.give(ctx, s.look(ctx, *out.look)) })
	}
	if out.save != nil && !out.stopped {
		select {
		case s.saves <- out.save:
		default: // the one before is still being saved; the next will do
		}
	}
	if out.solve != nil {
		group.Go(func() { s.solve(ctx, out.solve) })
	}
	for _, a := range out.answers {
		a.to <- a.with
	}
	s.tell(out)
	s.warn(s.loop.warnings)
}

// tell reports readiness when it changes.
func (s *shell) tell(out effects) {
	why := out.trouble
	switch {
	case why != "":
	case s.loop.stopping:
		why = "stopping"
	case !s.loop.leads():
		why = "reading what was in the log when the epoch began"
	default:
		why = "leading"
	}
	if why != s.ready {
		s.ready = why
		s.live.ready.Store(why == "leading")
		s.live.why.Store(&why)
		s.live.trouble.Store(&out.trouble)
		s.cfg.Ready(why == "leading", why)
	}
}

// give hands an input to the loop, unless the term is over.
func (s *shell) give(ctx context.Context, in input) {
	select {
	case s.inputs <- in:
	case <-ctx.Done():
	}
}

// tick tells the loop the store's time once a period: mostly that of the tick before.
func (s *shell) tick(ctx context.Context) {
	period := time.NewTicker(time.Duration(s.cfg.Scheduler.TickMillis) * time.Millisecond)
	defer period.Stop()
	var now *stream.Clock
	known := true
	for ctx.Err() == nil {
		var err error
		if now == nil {
			now, err = s.log.Clock(ctx, event.Placements)
		}
		var stored time.Time
		if err == nil {
			stored, err = now.Now(ctx)
		}
		if err == nil {
			s.give(ctx, clock{stored, s.saver() != ""})
		} else if known && ctx.Err() == nil { // once: the silence would fill the log
			s.cfg.Log.Warn("no ticks for now: the store's time is not known", "why", err)
		}
		known = err == nil
		select {
		case <-period.C:
		case <-ctx.Done():
		}
	}
}

// checkpoints saves what the loop took, and asks for one from time to time.
func (s *shell) checkpoints(ctx context.Context) {
	period := time.NewTicker(s.cfg.CheckpointEvery)
	defer period.Stop()
	for {
		select {
		case f := <-s.saves:
			if err := s.cfg.save(ctx, s.log, f); err != nil && ctx.Err() == nil {
				s.cfg.Log.Warn("checkpoint not saved", "placements", f.placements, "why", err)
			}
		case <-period.C:
			s.give(ctx, saveDue{})
		case <-ctx.Done():
			return
		}
	}
}

// save stores a checkpoint, and counts what became of it.
func (c Config) save(ctx context.Context, log keeping, f *frozen) error {
	kept, err := f.checkpoint()
	if err == nil {
		err = log.SaveCheckpoint(ctx, kept)
	}
	result := telemetry.CheckpointSaved
	if err != nil {
		result = telemetry.CheckpointFailed
	}
	countCheckpoint(c.Telemetry, result)
	return err
}

// saveLast saves the checkpoint of an orderly stop.
func (s *shell) saveLast(ctx context.Context, last *frozen) error {
	if last == nil {
		select {
		case last = <-s.saves:
		default:
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Grace)
	defer cancel()
	if err := s.cfg.save(ctx, s.log, last); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// ask hands a question to the loop and waits for its answer.
func (s *shell) ask(work context.Context) func(context.Context, query.Question) (query.Answer, error) {
	return func(ctx context.Context, q query.Question) (query.Answer, error) {
		to := make(chan query.Answer, 1)
		select {
		case s.inputs <- question{q, to}:
		case <-ctx.Done():
			return query.Answer{}, ctx.Err()
		case <-work.Done():
			return query.Answer{}, errors.New("stepping down")
		}
		select {
		case a := <-to:
			return a, nil
		case <-work.Done():
			return query.Answer{}, errors.New("stepping down")
		}
	}
}
