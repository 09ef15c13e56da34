package placement

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
)

// attendance is everything round a standby that blocks: readers, the questions to the
// leader, the claim and the checkpoints.
type attendance struct {
	cfg     Config
	nc      *nats.Conn
	log     Tape
	h       *history
	standby *standby
	began   time.Time
	about   atomic.Pointer[query.Instance]

	turns chan turn
	news  map[event.Stream]chan turn // apart, so that a stream may wait while others go on
	saves chan *frozen
	told  string
}

// attend stands by until this instance leads: the fold then stands at its epoch's
// record, and the feeds behind it. former is what this process was called as a leader
// until now. The error is nil when ctx ends.
func attend(ctx context.Context, cfg Config, nc *nats.Conn, log Tape, h *history, former string) (*leadership, error) {
	h.readOn()
	h.feeds[event.Placements].strict = true
	name := cfg.Instance + "-" + strings.ToLower(rand.Text()[:10])
	a := &attendance{
		cfg: cfg, nc: nc, log: log, h: h, standby: newStandby(cfg, h, name, former), began: time.Now(),
		turns: make(chan turn), news: map[event.Stream]chan turn{}, saves: make(chan *frozen, 1),
	}
	for s := range h.feeds {
		a.news[s] = make(chan turn)
	}
	about := a.standby.about()
	a.about.Store(&about)
	won, err := a.run(ctx)
	if won == nil {
		return nil, err
	}
	me := &leadership{identity: *won}
	if me.tails, err = tails(ctx, log); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnread, err) // it stands by again
	}
	return me, nil
}

// run moves turns and duties until this instance leads, cannot go on, or ctx ends.
func (a *attendance) run(ctx context.Context) (*identity, error) {
	work, end := context.WithCancel(ctx)
	var group sync.WaitGroup
	for _, f := range a.h.feeds {
		group.Go(func() { a.read(work, f) })
	}
	group.Go(func() { a.watch(work) })
	group.Go(func() { a.keep(work) })
	won, err := a.serve(work, &group)
	end()
	group.Wait()
	if won != nil {
		a.handOver()
	}
	return won, err
}

func (a *attendance) serve(ctx context.Context, group *sync.WaitGroup) (*identity, error) {
	if a.nc != nil {
		end, err := query.ServeInstance(a.nc, false, func(*query.Instance) query.Instance { return *a.about.Load() })
		if err != nil {
			return nil, err
		}
		defer end()
	}
	a.tell()
	for {
		var in turn
		select {
		case in = <-a.turns:
		case in = <-a.wanted(event.Placements):
		case in = <-a.wanted(event.Intents):
		case in = <-a.wanted(event.Status):
		case in = <-a.wanted(event.Capacity):
		case <-ctx.Done():
			return nil, nil
		}
		out := a.standby.step(in)
		a.perform(ctx, group, out)
		if out.won != nil || out.stop != nil {
			return out.won, out.stop
		}
	}
}

// wanted is where the next messages of a stream come from; nil, which never gives any,
// while enough of it was read ahead.
func (a *attendance) wanted(s event.Stream) chan turn {
	if !a.standby.wants(s) {
		return nil
	}
	return a.news[s]
}

// perform carries duties out. It never blocks.
func (a *attendance) perform(ctx context.Context, group *sync.WaitGroup, out duties) {
	if out.survey {
		group.Go(func() { a.give(ctx, a.survey(ctx)) })
	}
	if out.claim != nil {
		group.Go(func() { a.give(ctx, claimed{appendFirst(ctx, a.log, out.claim)}) })
	}
	if out.check != "" {
		group.Go(func() {
			if state, err := a.log.State(ctx, out.check); err == nil {
				a.give(ctx, kept{out.check, state})
			}
		})
	}
	if out.save != nil {
		select {
		case a.saves <- out.save:
		default: // the one before is still being saved; the next will do
		}
	}
	if out.won == nil {
		a.tell()
	}
}

// tell keeps what others may know, and says it when it changes.
func (a *attendance) tell() {
	about := a.standby.about()
	a.about.Store(&about)
	if about.Why != a.told {
		a.told = about.Why
		if len(a.standby.records) == 0 && about.Epoch > 0 {
			a.cfg.Log.Info("standing by", "why", about.Why, "state", about.State)
		}
		a.cfg.Ready(false, about.Why)
		a.cfg.Hot(about.Ready, about.Why)
	}
}

func (a *attendance) give(ctx context.Context, in turn) {
	select {
	case a.turns <- in:
	case <-ctx.Done():
	}
}

// read moves one stream to the standby. What it did not take is kept for whoever reads
// on.
func (a *attendance) read(ctx context.Context, f *feed) {
	pause := backoff{}
	for ctx.Err() == nil {
		messages, err := f.next(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			if fatal := stale(f.stream, err); fatal != nil {
				a.give(ctx, gone{fatal})
				return
			}
			a.cfg.Log.Warn("read again", "stream", f.stream, "why", err)
			pause.wait(ctx)
			continue
		}
		pause = backoff{}
		in := news{stream: f.stream, messages: messages, through: f.cursor}
		if n := len(messages); n > 0 {
			in.through = messages[n-1].At.Sequence
		}
		select {
		case a.news[f.stream] <- in:
			f.cursor = in.through
		case <-ctx.Done():
			f.unread(messages)
		}
	}
}

// stale says whether an error of a reader means that the fold has to begin again: its
// stream lost what it held, or records are gone that were not read.
func stale(s event.Stream, err error) error {
	if s == event.Placements && errors.As(err, new(*stream.Gap)) {
		return fmt.Errorf("%w: %w", errRebuild, err)
	}
	return lost(s, err)
}

// handOver gives back to the feeds what was read beyond the state, so that a leader
// reads on where its epoch begins.
func (a *attendance) handOver() {
	for s, at := range reads(a.standby.state.Positions()) {
		next := a.standby.read[s] + 1
		if ahead := a.standby.ahead[s]; len(ahead) > 0 {
			next = ahead[0].At.Sequence
		}
		if next == at+1 {
			a.h.feeds[s].unread(a.standby.ahead[s])
		} else {
			a.h.feeds[s].rewind(at, a.h.notes.gates.reader(s, at))
		}
	}
	a.h.feeds[event.Placements].close()
	a.h.saved = a.standby.saved
}

// survey finds where the streams end.
func (a *attendance) survey(ctx context.Context) surveyed {
	found := map[event.Stream]stream.StreamState{}
	for _, s := range event.Streams() {
		state, err := a.log.State(ctx, s)
		if err != nil {
			return surveyed{err: err}
		}
		found[s] = state
	}
	return surveyed{found: found}
}

// watch asks whoever leads for a sign of life, a few times a second.
func (a *attendance) watch(ctx context.Context) {
	period := time.NewTicker(a.cfg.ProbeEvery)
	defer period.Stop()
	for ctx.Err() == nil {
		s, leader := a.ask(ctx)
		a.give(ctx, pulse{time.Since(a.began), s, leader})
		select {
		case <-period.C:
		case <-ctx.Done():
		}
	}
}

func (a *attendance) ask(ctx context.Context) (sign, query.Instance) {
	switch {
	case a.nc == nil:
		return unasked, query.Instance{}
	case !a.nc.IsConnected():
		return cutOff, query.Instance{}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*a.cfg.ProbeEvery)
	defer cancel()
	leader, err := query.New(a.nc).Leader(ctx, *a.about.Load())
	switch {
	case err == nil:
		return answered, leader
	case !a.nc.IsConnected():
		return cutOff, leader
	case errors.As(err, new(*query.Unreachable)):
		return nobody, leader
	}
	return silence, leader
}

// keep saves what the standby took, and asks for a checkpoint from time to time.
func (a *attendance) keep(ctx context.Context) {
	period := time.NewTicker(a.cfg.CheckpointEvery)
	defer period.Stop()
	for {
		select {
		case f := <-a.saves:
			if err := a.cfg.save(ctx, a.log, f); err != nil && ctx.Err() == nil {
				a.cfg.Log.Warn("checkpoint not saved", "placements", f.placements, "why", err)
			}
		case <-period.C:
			a.give(ctx, keepDue{})
		case <-ctx.Done():
			return
		}
	}
}
