package placement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/steering"
	"fairlead.dev/pkg/steering/solve"
)

// Instance is one process of the service that does nothing by itself: its caller reads,
// appends and lets time pass for it, in any order, late, or never, and may drop it at
// any moment as a crash does. It drives the same step functions as Run does with
// goroutines and a clock, for simulations, which must be able to repeat what happened.
// It is not safe for concurrent use.
type Instance struct {
	cfg   Config
	log   Tape
	hold  map[refusedDecision]string
	name  string
	turns int // times it folded the log: each has a name of its own

	h       *history
	standby *standby // nil when it leads, or has not begun
	loop    *loop    // nil until it leads
	chain   *chain
	won     *identity
	errands
	stopped error
}

// errands are what was asked for and not done.
type errands struct {
	survey  bool
	claim   *batch
	check   event.Stream
	orders  []send
	answers []appended
	looks   []look
	saves   []*frozen
	sums    []*steering.Summary
}

// NewInstance makes an instance that has not begun. Its name must be another one for
// every instance; epoch records carry it.
func NewInstance(cfg Config, log Tape, name string) *Instance {
	return &Instance{cfg: cfg.Defaults(), log: log, name: name, hold: map[refusedDecision]string{}}
}

// Begin folds the log and stands by. After an error it may be called again.
func (i *Instance) Begin(ctx context.Context) error {
	h, err := rebuild(ctx, i.log, i.cfg)
	if err != nil {
		return err
	}
	h.readOn()
	former := ""
	if i.loop != nil && !errors.Is(i.stopped, errDeposed) {
		former = i.loop.me.leader
	}
	i.turns++
	i.h, i.loop, i.won, i.stopped, i.errands = h, nil, nil, nil, errands{}
	i.standby = newStandby(i.cfg, h, fmt.Sprintf("%s-%d", i.name, i.turns), former)
	return nil
}

// Leads says whether it leads, as far as it knows.
func (i *Instance) Leads() bool { return i.loop != nil && i.stopped == nil }

// StandsBy says whether it folds what another instance records.
func (i *Instance) StandsBy() bool { return i.standby != nil && i.stopped == nil && i.won == nil }

// Stopped is why it stepped down, or stands by no more; nil otherwise.
func (i *Instance) Stopped() error { return i.stopped }

// Again says whether Run would fold the log again after that.
func (i *Instance) Again() bool {
	var refused *errUnacceptable
	if errors.As(i.stopped, &refused) {
		i.hold[refused.refusedDecision] = refused.why
		return true
	}
	return errors.Is(i.stopped, errRebuild) || errors.Is(i.stopped, errDeposed)
}

// State is what it has applied, for a leader ahead of the log. It must not be changed.
func (i *Instance) State() *scheduler.State {
	if i.loop != nil {
		return i.loop.state
	}
	return i.standby.state
}

// Acknowledged is the last record that a leader knows to be in the log.
func (i *Instance) Acknowledged() uint64 { return i.loop.acked }

// Read reads at most so many messages of a stream: of facts, or for a standby also of
// records.
func (i *Instance) Read(ctx context.Context, s event.Stream, most int) error {
	if !i.Leads() && !i.StandsBy() || i.Leads() && s == event.Placements {
		return nil
	}
	messages, err := i.log.Tail(ctx, s, i.Reads(s)+1)
	if err != nil || len(messages) == 0 {
		return err
	}
	got := hear(messages[:min(most, len(messages))], i.h.feeds[s].gate)
	if !i.Leads() {
		i.attend(news{stream: s, messages: got, through: got[len(got)-1].At.Sequence})
		return nil
	}
	f, dead := sift(s, got)
	for _, letter := range dead {
		if err := i.log.DeadLetter(ctx, letter.message, letter.why.Error()); err != nil {
			return err
		}
	}
	i.step(f)
	return nil
}

// Reads is the last message of a stream that it has read.
func (i *Instance) Reads(s event.Stream) uint64 {
	switch {
	case i.loop != nil:
		return i.loop.read[s]
	case s != event.Placements:
		return i.standby.read[s]
	case len(i.standby.records) > 0:
		return i.standby.records[len(i.standby.records)-1].At.Sequence
	}
	return i.standby.state.Position()
}

// Tick tells a leader the store's time.
func (i *Instance) Tick(stored time.Time) { i.step(clock{stored: stored}) }

// Probe tells a standby what asking for a sign of life came to: now is its own monotonic
// clock, leader the instance that answered, nil if none did. The hint may be wrong.
func (i *Instance) Probe(now time.Duration, leader *Instance) {
	p := pulse{now: now, sign: nobody}
	if leader != nil && leader.Leads() {
		l := leader.loop
		p.sign, p.leader = answered, query.Instance{
			Name: l.me.leader, Role: query.Leading, Epoch: l.me.epoch, Engine: scheduler.Engine, State: l.acked, Steps: uint64(now), Saver: i.standbyName(),
		}
	}
	i.attend(p)
}

func (i *Instance) standbyName() string {
	if i.standby == nil {
		return ""
	}
	return i.standby.name
}

// Keep asks for a checkpoint at the next moment that allows one.
func (i *Instance) Keep() {
	if i.Leads() {
		i.step(saveDue{})
	} else {
		i.attend(keepDue{})
	}
}

// attend gives a standby an input and keeps what it asks for.
func (i *Instance) attend(in turn) {
	if !i.StandsBy() {
		return
	}
	out := i.standby.step(in)
	i.survey = i.survey || out.survey
	if out.claim != nil {
		i.claim = out.claim
	}
	if out.check != "" {
		i.check = out.check
	}
	if out.save != nil {
		i.saves = append(i.saves, out.save)
	}
	i.won, i.stopped = out.won, out.stop
}

// step gives a leader an input and keeps what it asks for.
func (i *Instance) step(in input) {
	if !i.Leads() {
		return
	}
	out := i.loop.step(in)
	for n, b := range out.appends {
		i.orders = append(i.orders, send{batch: b, after: b.first - 1, again: out.restart && n == 0})
	}
	if out.look != nil {
		i.looks = append(i.looks, *out.look)
	}
	if out.save != nil {
		i.saves = append(i.saves, out.save)
	}
	if out.solve != nil {
		i.sums = append(i.sums, out.solve)
	}
	i.stopped = out.stop
}

// lead makes a leader of the standby whose claim is in the log.
func (i *Instance) lead(ctx context.Context) error {
	tails, err := tails(ctx, i.log)
	if err != nil {
		return err
	}
	for s, at := range reads(i.standby.state.Positions()) {
		i.h.feeds[s].rewind(at, i.h.notes.gates.reader(s, at))
	}
	i.h.saved = i.standby.saved
	i.loop = newLoop(i.cfg, i.h, leadership{*i.won, tails}, i.hold)
	i.standby, i.won, i.errands = nil, nil, errands{}
	i.chain = i.chainAfter(i.loop.me.at)
	return nil
}

func (i *Instance) chainAfter(seq uint64) *chain {
	s := shell{log: i.log, loop: i.loop}
	return s.chain(seq)
}

// Fold is the state that the log gives, with the facts that a leader has read: what State
// must be when everything is acknowledged.
func (i *Instance) Fold(ctx context.Context) (*scheduler.State, error) {
	h, err := rebuild(ctx, i.log, i.cfg)
	if err != nil {
		return nil, err
	}
	defer h.close()
	for _, s := range factStreams {
		if err := h.feeds[s].through(ctx, i.loop.read[s], h.applyFact); err != nil {
			return nil, err
		}
	}
	return h.state, nil
}

// Chore is something that an instance asked for and that takes its time.
type Chore string

// The chores, each kind to be done in order.
const (
	ChoreSurvey Chore = "survey"      // where the streams end, before a claim
	ChoreClaim  Chore = "claim"       // the epoch's record
	ChoreLead   Chore = "lead"        // the claim is in the log
	ChoreCheck  Chore = "check"       // whether missing facts are still there
	ChoreAppend Chore = "append"      // one batch
	ChoreAnswer Chore = "answer"      // what became of a batch
	ChoreLook   Chore = "look"        // at the tail of the log
	ChoreSave   Chore = "save"        // a checkpoint
	ChorePlan   Chore = "solve"       // a steering plan
	ChoreAgain  Chore = "begin again" // it stepped down and folds the log again
)

// Chores are those that wait.
func (i *Instance) Chores() []Chore {
	var out []Chore
	for _, c := range []struct {
		chore Chore
		waits bool
	}{
		{ChoreSurvey, i.survey}, {ChoreClaim, i.claim != nil}, {ChoreLead, i.won != nil}, {ChoreCheck, i.check != ""},
		{ChoreAppend, len(i.orders) > 0}, {ChoreAnswer, len(i.answers) > 0}, {ChoreLook, len(i.looks) > 0},
		{ChoreSave, len(i.saves) > 0}, {ChorePlan, len(i.sums) > 0}, {ChoreAgain, i.Again()},
	} {
		if c.waits {
			out = append(out, c.chore)
		}
	}
	return out
}

// Do does one chore that waits. An error is what the log answered.
func (i *Instance) Do(ctx context.Context, c Chore) error {
	switch c {
	case ChoreSurvey:
		i.survey = false
		a := attendance{log: i.log}
		i.attend(a.survey(ctx))
	case ChoreClaim:
		claim := i.claim
		i.claim = nil
		err := appendFirst(ctx, i.log, claim)
		i.attend(claimed{err})
		return err
	case ChoreLead:
		return i.lead(ctx)
	case ChoreCheck:
		s := i.check
		i.check = ""
		state, err := i.log.State(ctx, s)
		if err == nil {
			i.attend(kept{s, state})
		}
		return err
	case ChoreAgain:
		return i.Begin(ctx)
	case ChoreSave:
		return i.cfg.save(ctx, i.log, take(&i.saves))
	}
	i.work(ctx, c)
	return nil
}

// work does a chore of a leader.
func (i *Instance) work(ctx context.Context, c Chore) {
	switch c {
	case ChoreAppend:
		one := take(&i.orders)
		if one.again {
			i.chain = i.chainAfter(one.after)
		}
		i.answers = append(i.answers, appended{one.batch, i.chain.append(ctx, one.batch).wait(ctx)})
	case ChoreAnswer:
		i.step(take(&i.answers))
	case ChoreLook:
		at := take(&i.looks)
		at.wait = 0
		s := shell{log: i.log, cfg: i.cfg}
		i.step(s.look(ctx, at))
	case ChorePlan:
		i.step(solved{solve.Plan(take(&i.sums), planLife*i.cfg.SteerEvery.Milliseconds())})
	}
}

func take[T any](list *[]T) T {
	first := (*list)[0]
	*list = (*list)[1:]
	return first
}
