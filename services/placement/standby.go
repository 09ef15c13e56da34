package placement

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

// standby is an instance that does not lead, as a step function: no goroutine, no
// clock, no I/O. It folds what the leader records, each record after the facts that it
// was made from, so that its state is the leader's; it saves the checkpoints; and when
// the hints say that nobody leads it claims the lead. It leads once it reads its own
// claim in the log, and not before.
type standby struct {
	state  *scheduler.State
	notes  *notes
	name   string // of this turn, unique; the claim carries it
	source string
	former string           // what the leader was called that this process was before; "" for none
	rules  scheduler.Config // that it would lead by
	older  bool             // may lead with an older engine than the epoch's

	streams map[event.Stream]string  // incarnations that are read
	records []heard                  // of PLACEMENTS, read and not folded, oldest first
	ahead   map[event.Stream][]heard // facts beyond the state
	read    cursors                  // last message read of each stream of facts, good or bad

	vigil
	claiming bool          // a claim is being made
	lacking  time.Duration // since when the oldest record waits for facts; 0: it does not

	saved           uint64
	checkpointAfter uint64
	due             bool // a checkpoint is wanted at the next tick
	saver           bool // the leader leaves checkpoints to this standby

	out duties
}

// duties are what the shell does after a step of a standby.
type duties struct {
	survey bool         // find where the streams end: before a claim
	claim  *batch       // append it
	check  event.Stream // find where it begins and ends: facts that should be there do not come; "" for none
	save   *frozen
	won    *identity // this instance leads from here on
	stop   error
}

// turn is one thing that happened outside a standby.
type turn interface{ attend(*standby) }

// aheadMost is how many messages of a stream are read ahead of the state.
const aheadMost = 16 << 10

// newStandby begins behind a folded log. The feeds stand where it reads on.
func newStandby(cfg Config, h *history, name, former string) *standby {
	s := &standby{
		state: h.state, notes: h.notes, name: name, source: event.PlacementSource(cfg.Instance), former: former,
		rules: cfg.Scheduler, older: cfg.LeadBackwards, streams: map[event.Stream]string{},
		ahead: map[event.Stream][]heard{}, read: cursors{},
		vigil: vigil{patience: cfg.TakeoverAfter, stuck: cfg.StuckAfter},
		saved: h.saved, checkpointAfter: cfg.CheckpointRecords,
	}
	for name, found := range h.found {
		s.streams[name] = found.Incarnation
	}
	for _, name := range factStreams {
		s.read[name] = h.feeds[name].cursor
	}
	return s
}

// step takes one input and returns what is to be done about it.
func (s *standby) step(in turn) duties {
	s.out = duties{}
	in.attend(s)
	s.fold()
	s.consider()
	return s.out
}

// news is what a reader got from one stream, in order.
type news struct {
	stream   event.Stream
	messages []heard
	through  uint64 // the last message that was read or is gone
}

func (n news) attend(s *standby) {
	if n.stream == event.Placements {
		s.records = append(s.records, n.messages...)
		s.heard = s.heard || len(n.messages) > 0
		return
	}
	s.ahead[n.stream] = append(s.ahead[n.stream], n.messages...)
	s.read[n.stream] = max(s.read[n.stream], n.through)
}

// wants says whether more of a stream is to be read now.
func (s *standby) wants(name event.Stream) bool {
	if name == event.Placements {
		return len(s.records) < aheadMost
	}
	return len(s.ahead[name]) < aheadMost
}

// fold applies records as far as the facts they were made from are there.
func (s *standby) fold() {
	for len(s.records) > 0 && s.out.stop == nil && s.record(s.records[0]) {
		s.records = s.records[1:]
		s.lacking = 0
	}
	if len(s.records) == 0 {
		s.records = nil
	}
}

// record applies one record; false while facts are missing.
func (s *standby) record(m heard) bool {
	if m.At.Sequence <= s.state.Position() {
		return true
	}
	if m.err != nil {
		s.state.Skip(m.At)
		return true
	}
	e := m.event
	e.At.Stored = time.Time{} // the leader that applied it first did not know it either
	if epoch, ok := e.Data.(*event.EpochStarted); ok {
		if !s.follows(epoch) {
			return false
		}
		s.claiming = false // a claim of ours is this one, or came too late
	}
	if p, ok := event.PositionsOf(e.Data); ok && !s.gather(p) {
		return false
	}
	apply(s.state, s.notes, fact{Event: e})
	if _, ok := e.Data.(*event.PlacementTicked); ok {
		s.snapshot()
	}
	return true
}

// follows says whether a new epoch goes on with the streams that are read here. Where
// one of them began anew, or lost its end, the log is folded again.
func (s *standby) follows(epoch *event.EpochStarted) bool {
	if epoch.Leader == s.name {
		return true // our own claim, made of what is here
	}
	at := reads(s.state.Positions())
	for _, name := range factStreams {
		if k := epoch.Streams[string(name)]; k != "" && k != s.streams[name] || reads(epoch.Positions)[name] < at[name] {
			s.end(errRebuild, "epoch %d begins with another %s", epoch.Epoch, name)
			return false
		}
	}
	return true
}

// same says whether a stream is the one that records are made from. One that began anew
// has nothing to tell until an epoch names it.
func (s *standby) same(name event.Stream) bool {
	k := s.state.Streams()[string(name)]
	return k == "" || k == s.streams[name]
}

// gather applies the facts that a record was made from; false while some are missing.
func (s *standby) gather(p event.Positions) bool {
	whole := true
	for _, name := range factStreams {
		seq := reads(p)[name]
		if !s.same(name) {
			continue
		}
		ahead := s.ahead[name]
		for len(ahead) > 0 && ahead[0].At.Sequence <= seq {
			s.fact(ahead[0])
			ahead = ahead[1:]
		}
		s.ahead[name] = ahead
		if s.read[name] < seq {
			whole = false
		} else {
			s.state.Skip(event.At{Stream: name, Sequence: seq})
		}
	}
	return whole
}

func (s *standby) fact(m heard) {
	s.notes.gates.count(m.Message)
	if m.err != nil {
		s.state.Skip(m.At)
		return
	}
	apply(s.state, s.notes, fact{m.event, len(m.Data)})
}

// snapshot takes a checkpoint where one is due: at a tick, when the state is exactly
// what that record names.
func (s *standby) snapshot() {
	at := s.state.Position()
	if !s.saver || at-s.saved < s.checkpointAfter && !s.due {
		return
	}
	s.out.save, s.saved, s.due = freeze(s.state, s.notes, s.saved), at, false
}

// keepDue is the shell's timer for checkpoints.
type keepDue struct{}

func (keepDue) attend(s *standby) { s.due = true }

// gone is what a goroutine of the shell could not do.
type gone struct{ err error }

func (g gone) attend(s *standby) { s.end(g.err, "stand by") }

// end gives the turn up.
func (s *standby) end(why error, format string, args ...any) {
	if s.out.stop == nil {
		s.out.stop = fmt.Errorf(format+": %w", append(args, why)...)
	}
}

// kept is where a stream begins and ends, of which facts are missing.
type kept struct {
	stream event.Stream
	state  stream.StreamState
}

func (k kept) attend(s *standby) {
	if k.state.Incarnation != s.streams[k.stream] || k.state.Last < s.read[k.stream] {
		s.end(errRebuild, "%s is not what it was", k.stream)
		return
	}
	if s.lacking > 0 && len(s.ahead[k.stream]) == 0 { // nothing came: it was removed before it was read
		s.read[k.stream] = max(s.read[k.stream], min(k.state.First-1, k.state.Last))
	}
}

// missing is the stream whose facts the oldest record waits for; "" for none.
func (s *standby) missing() event.Stream {
	if len(s.records) == 0 || s.records[0].err != nil {
		return ""
	}
	p, _ := event.PositionsOf(s.records[0].event.Data)
	for _, name := range factStreams {
		if s.same(name) && s.read[name] < reads(p)[name] {
			return name
		}
	}
	return ""
}

// about is what people and other instances may know of a standby.
func (s *standby) about() query.Instance {
	return query.Instance{
		Name: s.name, Role: query.Standby, Ready: len(s.records) == 0 && !s.outdated(), Why: s.why(),
		Epoch: s.state.Epoch(), Engine: scheduler.Engine, State: s.state.Position(), Saved: s.saved,
	}
}

// why says in words what it does.
func (s *standby) why() string {
	switch {
	case len(s.records) > 0:
		return "folding what the leader records"
	case s.outdated():
		return fmt.Sprintf("standby with engine %s, older than %s of epoch %d: it does not lead unless told", scheduler.Engine, s.notes.lead.Engine, s.state.Epoch())
	case s.state.Epoch() == 0:
		return "standby, nobody has led yet"
	}
	return fmt.Sprintf("standby of %s, epoch %d", s.notes.lead.Leader, s.state.Epoch())
}
