package placement

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

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
}

// send is one order to the appender.
type send struct {
	batch *batch
	after uint64 // with restart: the sequence the new chain continues
	again bool   // a new chain
}

// maxSends is more than the loop ever orders ahead of the answers: the batches in
// flight and what splitting makes of them.
const maxSends = 256

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
	defer group.Wait()
	defer end()
	for _, name := range factStreams {
		group.Go(func() { s.read(work, s.feed[name]) })
	}
	group.Go(func() { s.append(work) })
	group.Go(func() { s.tick(work) })
	group.Go(func() { s.checkpoints(work) })
	if s.nc != nil {
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
	for {
		var in input
		select {
		case in = <-s.inputs:
		case <-stopped:
			in, stopped, grace = stop{}, nil, time.After(s.cfg.Grace)
		case <-grace:
			return fmt.Errorf("stop: the log took nothing for %s: %s", s.cfg.Grace, s.ready)
		}
		out := s.loop.step(in)
		s.perform(work, group, out)
		if out.stop != nil {
			return out.stop
		}
		if out.stopped {
			return s.saveLast(work, out.save)
		}
	}
}

// perform carries effects out. It never blocks: whatever may take long is handed to a
// goroutine, or the loop could wait for one that waits for the loop.
func (s *shell) perform(ctx context.Context, group *sync.WaitGroup, out effects) {
	for i, b := range out.appends {
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
	for _, a := range out.answers {
		a.to <- a.with
	}
	s.tell(out)
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

// read moves one stream of facts into the loop. Dead letters are stored before the
// loop passes them, so that none is lost by a crash.
func (s *shell) read(ctx context.Context, f *feed) {
	pause := backoff{}
	for ctx.Err() == nil {
		messages, err := f.next(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if fatal := lost(f.stream, err); fatal != nil {
				s.give(ctx, failed{fatal})
				return
			}
			s.cfg.Log.Warn("read again", "stream", f.stream, "why", err)
			pause.wait(ctx)
			continue
		}
		pause = backoff{}
		got, dead := sift(f.stream, messages)
		for _, d := range dead {
			s.bury(ctx, d)
		}
		if len(messages) > 0 {
			f.cursor = got.through
			s.loop.watch.reading(got)
			s.give(ctx, got)
		}
	}
}

// lost says whether an error of a reader means that its stream lost what it held, and
// what the leader does about it: agents repeat CAPACITY and STATUS, nobody repeats
// INTENTS.
func lost(s event.Stream, err error) error {
	if !errors.As(err, new(*stream.Incarnation)) && !errors.As(err, new(*stream.RolledBack)) {
		return nil
	}
	if s == event.Intents {
		return fmt.Errorf("%w: %w", ErrRolledBack, err)
	}
	return fmt.Errorf("%w: %w", errRebuild, err)
}

// bury stores a dead letter, however long that takes.
func (s *shell) bury(ctx context.Context, d letter) {
	s.loop.watch.buried(d.message.At.Stream, d.why)
	for pause := (backoff{}); ctx.Err() == nil; pause.wait(ctx) {
		err := s.log.DeadLetter(ctx, d.message, d.why.Error())
		if err == nil {
			return
		}
		s.cfg.Log.Warn("dead letter not stored", "stream", d.message.At.Stream, "sequence", d.message.At.Sequence, "why", err)
	}
}

// append sends batches along one chain after another and tells their outcomes in order.
func (s *shell) append(ctx context.Context) {
	type sent struct {
		batch *batch
		*stream.Pending
	}
	outcomes := make(chan sent, maxSends)
	var group sync.WaitGroup
	defer group.Wait()
	defer close(outcomes)
	group.Go(func() {
		for p := range outcomes {
			_, _, err := p.Wait(ctx)
			s.give(ctx, appended{p.batch, err})
		}
	})
	chain := s.chain(s.loop.me.at)
	for {
		select {
		case order := <-s.sends:
			if order.again {
				chain = s.chain(order.after)
			}
			outcomes <- sent{order.batch, chain.Append(ctx, order.batch.messages())}
		case <-ctx.Done():
			return
		}
	}
}

func (s *shell) chain(after uint64) *stream.Appender {
	a := s.log.Appender(after)
	a.Fence(event.Subject(new(event.EpochStarted)), s.loop.me.at)
	return a
}

// look reads the tail of PLACEMENTS after a wait.
func (s *shell) look(ctx context.Context, l look) tail {
	sleep(ctx, l.wait)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.AppendTimeout)
	defer cancel()
	state, err := s.log.State(ctx, event.Placements)
	if err != nil {
		return tail{err: err}
	}
	records, err := s.log.Tail(ctx, event.Placements, l.from)
	return tail{last: state.Last, records: records, err: err}
}

// tick tells the loop the store's time once a period: when the last record was stored,
// which is mostly the tick before.
func (s *shell) tick(ctx context.Context) {
	newest, err := s.log.Newest(ctx, event.Placements)
	if err != nil {
		s.give(ctx, failed{err})
		return
	}
	period := time.NewTicker(time.Duration(s.cfg.Scheduler.TickMillis) * time.Millisecond)
	defer period.Stop()
	for ctx.Err() == nil {
		if at, err := newest.At(ctx); err == nil {
			s.give(ctx, clock{at.Stored})
		} else if ctx.Err() == nil {
			s.cfg.Log.Warn("no tick: the store's time is not known", "why", err)
		}
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
			if err := s.save(ctx, f); err != nil && ctx.Err() == nil {
				s.cfg.Log.Warn("checkpoint not saved", "placements", f.placements, "why", err)
			}
		case <-period.C:
			s.give(ctx, saveDue{})
		case <-ctx.Done():
			return
		}
	}
}

func (s *shell) save(ctx context.Context, f *frozen) error {
	c, err := f.checkpoint()
	if err != nil {
		return err
	}
	return s.log.SaveCheckpoint(ctx, c)
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
	if err := s.save(ctx, last); err != nil {
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
