package placement

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

const (
	// claimAgain is how long a claim rests that came to nothing.
	claimAgain = time.Second
	// factsMissing is how long facts that a record was made from may fail to come
	// before somebody looks whether they are still there.
	factsMissing = 3 * time.Second
)

func (p pulse) attend(s *standby) {
	s.take(p, s.state.Epoch())
	if p.sign == answered {
		s.saver = p.leader.Saver == s.name
	}
	name := s.missing()
	switch {
	case name == "":
		s.lacking = 0
	case s.lacking == 0:
		s.lacking = max(s.now, 1)
	case s.now-s.lacking >= factsMissing:
		s.out.check = name
	}
}

// consider claims the lead where it is free, and takes it where the claim is in the
// log.
func (s *standby) consider() {
	switch {
	case s.out.stop != nil || !s.begun || len(s.records) > 0:
	case s.notes.lead.Leader == s.name:
		s.out.won = &identity{leader: s.name, source: s.source, epoch: s.state.Epoch(), at: s.notes.lead.At}
	case !s.claiming && !s.resting() && s.free():
		s.claiming, s.out.survey = true, true
	}
}

// free says whether anybody may lead: nobody ever did, the last leader gave way, or it
// is silent. A process that led until a moment ago and folded the log again goes on.
func (s *standby) free() bool {
	lead := s.notes.lead
	switch {
	case s.sign == cutOff || s.outdated():
		return false
	case s.state.Epoch() == 0, lead.Ended:
		return true
	case s.former != "" && lead.Leader == s.former:
		return true
	}
	return s.over()
}

// outdated says whether the log was led by a newer engine than this one, and nobody
// told this instance to lead all the same.
func (s *standby) outdated() bool {
	return !s.older && olderEngine(scheduler.Engine, s.notes.lead.Engine)
}

// olderEngine compares engines, which are numbers; what is no number is not older.
func olderEngine(mine, theirs string) bool {
	m, err := strconv.Atoi(mine)
	t, wrong := strconv.Atoi(theirs)
	return err == nil && wrong == nil && m < t
}

// surveyed is where the streams end, just before a claim.
type surveyed struct {
	found map[event.Stream]stream.StreamState
	err   error
}

func (in surveyed) attend(s *standby) {
	if in.err != nil {
		s.rested()
		return
	}
	for name, found := range in.found {
		if known := s.streams[name]; known != found.Incarnation {
			s.end(changed(name), "claim the lead: %w", &stream.Incarnation{Stream: name, Known: known, Found: found.Incarnation})
			return
		}
	}
	last := in.found[event.Placements].End()
	switch {
	case last < s.state.Position():
		s.end(ErrRolledBack, "PLACEMENTS ends at %d, but %d was read", last, s.state.Position())
	case last > s.state.Position() || len(s.records) > 0 || !s.free():
		s.claiming = false // there is news
	default:
		s.out.claim = s.epoch(in.found)
	}
}

// changed is what follows from a stream that is not the one it was.
func changed(name event.Stream) error {
	if name == event.Intents || name == event.Placements {
		return ErrRolledBack
	}
	return errRebuild
}

// epoch is the record that makes this instance the leader, as the next one.
func (s *standby) epoch(found map[event.Stream]stream.StreamState) *batch {
	at := s.state.Position() + 1
	positions, streams := opening(s.state, found)
	b := &batch{first: at}
	number := s.state.Epoch() + 1
	b.add(&record{head: true, event: event.Event{
		ID: fmt.Sprintf("e_%d", number), Source: s.source, At: event.At{Stream: event.Placements, Sequence: at},
		Data: &event.EpochStarted{Engine: scheduler.Engine, Epoch: number, Leader: s.name, Positions: positions, Streams: streams, Rules: s.rules.Rules()},
	}})
	return b
}

// opening is what the next epoch is recorded with: the incarnations found, and for each
// stream of facts how far it was read; from the beginning where it is a new one, from
// its end where it lost its end.
func opening(state *scheduler.State, found map[event.Stream]stream.StreamState) (event.Positions, map[string]string) {
	known, at := state.Streams(), reads(state.Positions())
	streams := map[string]string{}
	for _, s := range event.Streams() {
		streams[string(s)] = found[s].Incarnation
	}
	for _, s := range factStreams {
		if k := known[string(s)]; k != "" && !found[s].Means(k, at[s]) {
			at[s] = 0
		}
		at[s] = min(at[s], found[s].Last)
	}
	return event.Positions{Intents: at[event.Intents], Status: at[event.Status], Capacity: at[event.Capacity]}, streams
}

// claimed is what became of a claim. Where it is in the log, reading it there makes
// this instance the leader; where it is not, another one was faster, or the leader is
// alive after all.
type claimed struct{ err error }

func (in claimed) attend(s *standby) {
	switch {
	case in.err == nil:
	case errors.As(in.err, new(*stream.Moved)):
		s.claiming, s.heard = false, true
	default:
		s.rested()
	}
}

// rested ends a claim that the log could not take.
func (s *standby) rested() { s.claiming, s.rest = false, s.now+claimAgain }
