package placement

import (
	"errors"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/steering"
)

// errDeposed says that another instance began an epoch: this one leads no more, and
// nothing it had not yet got into the log counts.
var errDeposed = errors.New("deposed: another instance of placement began an epoch")

// ErrRolledBack says that the log holds less than it held before. The package
// documentation tells the way out.
var ErrRolledBack = errors.New("the log rolled back")

// errRebuild sends the leader back to folding the log: what it applied is not what
// the log says.
var errRebuild = errors.New("rebuild")

// loop is the leader as a step function: no goroutine, no clock, no I/O. The state is
// applied as records are built, ahead of the log, and never rolled back: either the
// same bytes get into the log at the same place, or the leader steps down.
type loop struct {
	state  *scheduler.State
	notes  *notes
	me     identity
	limits limits
	watch  *watcher

	read  cursors   // last message of each fact stream that was read, good or bad
	tails cursors   // to be read before anything is decided
	seen  time.Time // largest store time
	// newest is the store time of the last fact of each stream, for people.
	newest map[event.Stream]time.Time

	acked   uint64      // every record up to here is in the log
	last    event.Event // the newest record
	open    *batch      // records applied, not sent
	flight  []*batch    // sent, not acknowledged, oldest first
	waiting int         // results that are still to come for flight
	broken  error       // why the chain is interrupted; nil while it holds
	trouble error       // why nothing new got into the log since the last look
	tries   int         // looks at the tail since anything got into the log

	saved           uint64          // position of the last checkpoint
	pending         *frozen         // taken, but ahead of the log
	checkpointAfter uint64          // records after which one is taken
	due             bool            // a checkpoint is wanted at the next moment that allows one
	savedFacts      event.Positions // facts in it
	warnings        []string        // of the streams' limits
	ticked          uint64          // position at the last tick
	relieved        bool            // a standby saves the checkpoints
	barrier         event.Positions // of the last record that carries positions
	stopping        bool
	farewell        bool    // the last record was made
	solving         bool    // a plan is being made
	steered         steered // the last one recorded

	out effects
}

// identity is what the leader signs its records with.
type identity struct {
	leader string // unique to this process and epoch
	source string // CloudEvents source
	epoch  uint64
	at     uint64 // sequence of the epoch record
}

// limits bound batches, and say which records the log would refuse.
type limits struct {
	messages int
	bytes    int
	message  int // one message with its headers
	inFlight int
	// hold names decisions that the log refused before; they are recorded as held.
	hold map[refusedDecision]string
}

// cursors are positions in the streams of facts.
type cursors map[event.Stream]uint64

// reached says whether everything up to tails was read.
func (c cursors) reached(tails cursors) bool {
	for s, seq := range tails {
		if c[s] < seq {
			return false
		}
	}
	return true
}

// newLoop is the step function at the beginning of an epoch.
func newLoop(cfg Config, h *history, me leadership, hold map[refusedDecision]string) *loop {
	l := &loop{
		state: h.state, notes: h.notes, me: me.identity, watch: newWatcher(cfg.Telemetry),
		limits: limits{
			messages: cfg.BatchMessages, bytes: cfg.BatchBytes, message: h.log.Limit(event.Placements),
			inFlight: cfg.InFlight, hold: hold,
		},
		read: cursors{}, tails: me.tails, newest: map[event.Stream]time.Time{},
		acked: me.at, open: &batch{first: me.at + 1},
		saved: h.saved, savedFacts: h.savedFacts, checkpointAfter: cfg.CheckpointRecords, barrier: h.state.Positions(),
	}
	for _, s := range factStreams {
		l.read[s] = h.feeds[s].cursor
		l.watch.applied[s].Store(l.read[s])
	}
	return l
}

// input is one thing that happened outside the loop.
type input interface{ step(*loop) }

// effects are what the shell does after a step, in the order of the fields.
type effects struct {
	restart bool     // appends continue from a new chain, beginning at the first of appends
	appends []*batch // to append in this order, each after the one before
	look    *look    // read the tail of the log
	save    *frozen
	answers []answer
	solve   *steering.Summary // make a plan of it, beside the loop
	stop    error             // step down; nil with stopped: an orderly end
	stopped bool
	trouble string // why nothing gets into the log now; "" when all is well
	more    bool   // there may be more to decide: step again, with goOn where nothing else comes
}

// look asks for the records of PLACEMENTS from a sequence on, after a wait.
type look struct {
	from uint64
	wait time.Duration
}

// answer is the reply to a question.
type answer struct {
	to   chan<- query.Answer
	with query.Answer
}

// step takes one input and returns what is to be done about it.
func (l *loop) step(in input) effects {
	l.out = effects{}
	in.step(l)
	l.work()
	l.finish()
	if l.trouble != nil {
		l.out.trouble = l.trouble.Error()
	}
	return l.out
}

// work decides and sends. A batch leaves when it is full and a slot is free, or when
// nothing is in flight: what is there never waits for more. One batch a step, so that it
// is on its way while the next is decided.
func (l *loop) work() {
	if l.out.stop == nil && l.broken == nil {
		l.fill()
		l.out.more = l.send()
	}
}

// goOn is the shell's answer to effects that say that there is more to do.
type goOn struct{}

func (goOn) step(*loop) {}

// clock is the shell's timer: once a tick period, with the store's time, so that time
// passes in the log even where nothing is said, and with whether a standby saves the
// checkpoints.
type clock struct {
	stored   time.Time
	relieved bool
}

func (c clock) step(l *loop) {
	l.see(c.stored)
	l.relieved = c.relieved
	if !l.leads() || l.broken != nil || l.open.full {
		return
	}
	l.tick()
	if n := l.state.Position() - l.saved; n >= l.checkpointAfter {
		l.due = true
	}
	l.snapshot()
	l.notes.tidy(l.ticked)
	l.ticked = l.state.Position()
	l.watch.leading(l.me.epoch, l.notes.held)
}

func (l *loop) tick() {
	if tick := l.state.Tick(l.seen); tick != nil {
		l.add(tick)
	}
}

// see keeps the largest store time: the only time that ticks are made from.
func (l *loop) see(stored time.Time) {
	if stored.After(l.seen) {
		l.seen = stored
	}
}

// leads says whether everything was read that was in the log when the epoch began.
// Before that nothing may be decided: an older leader's facts could be missing.
func (l *loop) leads() bool { return !l.stopping && l.read.reached(l.tails) }

// saveDue is the shell's timer for checkpoints.
type saveDue struct{}

func (saveDue) step(l *loop) { l.due = true }

// stop asks for an orderly end: what was applied gets into the log, then that the epoch
// ends, and a checkpoint where no standby saves them.
type stop struct{}

func (stop) step(l *loop) {
	moment := l.leads() && l.broken == nil && !l.open.full
	l.stopping = true // before the checkpoint is taken: it comes last
	if moment {
		l.due = true
		l.tick() // a moment for the checkpoint
		l.snapshot()
	}
}

// finish ends an orderly stop once the log holds every record: the last one tells
// standbys that they need not wait.
func (l *loop) finish() {
	if !l.stopping || l.broken != nil || l.out.stop != nil || len(l.flight)+len(l.open.records) > 0 {
		return
	}
	if l.farewell {
		l.out.stopped, l.out.save, l.pending = true, l.pending, nil
		return
	}
	l.farewell = true
	if l.add(&event.EpochEnded{Epoch: l.me.epoch, Leader: l.me.leader}) {
		l.send()
	}
}

// question is a query, answered from the state between two batches.
type question struct {
	ask query.Question
	to  chan<- query.Answer
}

func (q question) step(l *loop) {
	with := query.Reply(l.state, l.status(), q.ask)
	with.Stored = l.seen
	l.out.answers = append(l.out.answers, answer{q.to, with})
}

// status is what people may know of the leader.
func (l *loop) status() query.StatusView {
	v := query.StatusView{
		Leader: l.me.leader, Epoch: l.me.epoch, Engine: scheduler.Engine,
		State: l.state.Position(), Logged: l.acked,
		Decided: l.notes.decided, Held: l.notes.held,
		Paused:  l.state.EvictionsPaused(),
		Reading: !l.read.reached(l.tails), Warnings: l.warnings,
		Lag: map[event.Stream]int64{},
	}
	if l.trouble != nil {
		v.Trouble = l.trouble.Error()
	}
	for s, at := range l.newest {
		v.Lag[s] = l.seen.Sub(at).Milliseconds()
	}
	return v
}

// failed is what a goroutine of the shell could not do and that ends the leader.
type failed struct{ err error }

func (f failed) step(l *loop) { l.stepDown(f.err, "lead") }

// stepDown ends the leader.
func (l *loop) stepDown(why error, format string, args ...any) {
	if l.out.stop == nil {
		l.out.stop = fmt.Errorf(format+": %w", append(args, why)...)
	}
}
