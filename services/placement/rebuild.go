package placement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

// factStreams in the order in which facts are applied before a record.
var factStreams = []event.Stream{event.Intents, event.Status, event.Capacity}

// history is the log folded into a state: the newest checkpoint that fits, and every
// record behind it with the facts it was made from.
type history struct {
	log        Tape
	slog       *slog.Logger
	cfg        Config
	state      *scheduler.State
	notes      *notes
	feeds      map[event.Stream]*feed // facts, and PLACEMENTS
	found      map[event.Stream]stream.StreamState
	final      map[event.Stream]bool // it ends where it was found to, however often it is asked
	saved      uint64                // position of the checkpoint that was used
	savedFacts event.Positions       // facts in it
	// former are the streams that PLACEMENTS continues, where it was restored.
	former []stream.Ancestor
	// strict makes it an error when anything that was folded once is gone.
	strict bool
}

// rebuild folds the log. The errors are ErrRolledBack, or that something could not be
// read.
func rebuild(ctx context.Context, log Tape, cfg Config) (*history, error) {
	h := &history{log: log, slog: cfg.Log, cfg: cfg, feeds: map[event.Stream]*feed{}, found: map[event.Stream]stream.StreamState{}, final: map[event.Stream]bool{}}
	if err := h.look(ctx); err != nil {
		return nil, err
	}
	if err := h.begin(ctx); err != nil {
		return nil, fmt.Errorf("rebuild: %w", err)
	}
	h.open()
	if err := h.follow(ctx, h.found[event.Placements].Last); err != nil {
		h.close()
		return nil, fmt.Errorf("rebuild: %w", err)
	}
	if err := h.compare(); err != nil {
		return nil, err
	}
	h.pass()
	return h, nil
}

// leaveOut passes over the numbers that a restored stream leaves out before a record.
func (h *history) leaveOut(next uint64) {
	for _, a := range h.former {
		if a.Resumes <= next {
			h.state.LeaveOut(a.Resumes - 1)
		}
	}
}

// pass goes on to where the next record of PLACEMENTS will stand.
func (h *history) pass() {
	end := h.found[event.Placements].End()
	h.leaveOut(end + 1)
	if end > h.state.Position() { // a stream that was made anew, above what is known
		h.state.Skip(event.At{Stream: event.Placements, Sequence: end})
	}
	if f := h.feeds[event.Placements]; end > f.cursor {
		f.rewind(end, nil)
	}
}

// open readies the feeds behind the state that was begun with.
func (h *history) open() {
	h.feeds[event.Placements] = h.feedFrom(event.Placements, h.state.Position())
	for s, seq := range reads(h.state.Positions()) {
		h.feeds[s] = h.feedFrom(s, seq)
		h.feeds[s].gate = h.notes.gates.reader(s, seq)
	}
}

// look finds where the streams end: PLACEMENTS first, so that the facts which its
// records were made from are seen.
func (h *history) look(ctx context.Context) error {
	for _, s := range append([]event.Stream{event.Placements}, factStreams...) {
		state, err := h.log.State(ctx, s)
		if err != nil {
			return fmt.Errorf("rebuild: %w", err)
		}
		h.found[s] = state
	}
	h.former = h.found[event.Placements].Lineage.Ancestors()
	return nil
}

// reach looks again where a stream ends that seems to end before what is known to have
// been in it: of several replicas the one that answers may be behind for a while. What
// becomes of one that does end there is for whoever asked to say.
func (h *history) reach(ctx context.Context, s event.Stream, seq uint64) error {
	if h.found[s].End() >= seq || h.final[s] || h.cfg.AdoptLog {
		return nil
	}
	err := h.log.Expect(ctx, s, h.found[s].Incarnation, seq)
	if errors.As(err, new(*stream.RolledBack)) || errors.As(err, new(*stream.Incarnation)) {
		h.final[s] = true
		return nil
	}
	if err == nil {
		h.found[s], err = h.log.State(ctx, s)
	}
	return err
}

// reachCheckpoint is reach for everything that a checkpoint was made from.
func (h *history) reachCheckpoint(ctx context.Context, c stream.Checkpoint) error {
	seen := reads(c.Positions)
	seen[event.Placements] = c.Placements
	for s, seq := range seen { // each on its own: the order does not matter
		if k := c.Streams[s]; k != "" && !h.found[s].Means(k, seq) {
			continue
		}
		if err := h.reach(ctx, s, seq); err != nil {
			return err
		}
	}
	return nil
}

// reads is positions by stream.
func reads(p event.Positions) cursors {
	return cursors{event.Intents: p.Intents, event.Status: p.Status, event.Capacity: p.Capacity}
}

func (h *history) feedFrom(s event.Stream, after uint64) *feed {
	return &feed{log: h.log, slog: h.slog, stream: s, known: h.found[s].Incarnation, cursor: after, strict: h.strict}
}

// begin takes the newest checkpoint that can be trusted and that the log still reaches
// back to; without one, the empty state, if the log is whole.
func (h *history) begin(ctx context.Context) error {
	if h.cfg.AdoptLog {
		dropped, err := h.log.DropCheckpoints(ctx, func(c stream.Checkpoint) bool { return h.contradicts(c) != nil })
		if err != nil {
			return err
		}
		h.slog.Warn("the log is adopted as it is", "checkpoints dropped", dropped)
	}
	for c, err := range h.log.Checkpoints(ctx) {
		if errors.As(err, new(*stream.Damaged)) {
			h.passOver(err)
			continue
		}
		if err != nil {
			return err
		}
		if err := h.reachCheckpoint(ctx, c); err != nil {
			return err
		}
		if err := h.contradicts(c); err != nil {
			return err
		}
		if err := h.restore(c); err != nil {
			h.passOver(err)
			continue
		}
		h.count(telemetry.CheckpointRestored)
		h.slog.Info("checkpoint restored", "placements", c.Placements, "toFold", h.found[event.Placements].Last-c.Placements)
		return nil
	}
	return h.beginEmpty()
}

// passOver says which checkpoint is of no use: an older one does, or the log from its
// beginning, as long as it holds what came after.
func (h *history) passOver(why error) {
	h.count(telemetry.CheckpointSkipped)
	h.slog.Warn("checkpoint skipped", "why", why)
}

func (h *history) count(result string) { countCheckpoint(h.cfg.Telemetry, result) }

// contradicts says whether the log holds less than when the checkpoint was taken.
func (h *history) contradicts(c stream.Checkpoint) error {
	for s, seen := range map[event.Stream]uint64{event.Placements: c.Placements, event.Intents: c.Positions.Intents} {
		if err := h.rolledBack(s, c.Streams[s], seen); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) rolledBack(s event.Stream, incarnation string, seen uint64) error {
	found := h.found[s]
	switch {
	case incarnation != "" && !found.Means(incarnation, seen):
		return fmt.Errorf("%w: %w", ErrRolledBack, &stream.Incarnation{Stream: s, Known: incarnation, Found: found.Incarnation})
	case found.End() < seen:
		return fmt.Errorf("%w: %w", ErrRolledBack, &stream.RolledBack{Stream: s, Known: seen, Last: found.Last})
	}
	return nil
}

func (h *history) restore(c stream.Checkpoint) error {
	if first := h.found[event.Placements].First; first > c.Placements+1 {
		return fmt.Errorf("the log begins at %d, behind the checkpoint at %d", first, c.Placements)
	}
	state, notes, err := thaw(h.cfg.Scheduler, c.State)
	if err != nil {
		return err
	}
	if state.Digest() != c.Digest {
		return fmt.Errorf("checkpoint at %d: the restored state has another digest", c.Placements)
	}
	h.state, h.notes, h.saved, h.savedFacts = state, notes, c.Placements, c.Positions
	return nil
}

func (h *history) beginEmpty() error {
	for _, s := range []event.Stream{event.Placements, event.Intents} {
		if first := h.found[s].First; first > 1 && !h.cfg.AdoptLog {
			return fmt.Errorf("%s begins at %d and no checkpoint that can be used reaches back that far: restore a backup, or start once with --adopt-log, which forgets what came before", s, first)
		}
	}
	h.slog.Info("no checkpoint: the log is folded from its beginning", "toFold", h.found[event.Placements].Last)
	h.state, h.notes = scheduler.New(h.cfg.Scheduler), newNotes()
	return nil
}

// follow applies the records up to a sequence, each after the facts it was made from.
func (h *history) follow(ctx context.Context, last uint64) error {
	return h.feeds[event.Placements].through(ctx, last, func(m heard) error {
		h.leaveOut(m.At.Sequence)
		if m.err != nil {
			h.slog.Warn("a record of PLACEMENTS cannot be read", "sequence", m.At.Sequence, "why", m.err)
			h.state.Skip(m.At)
			return nil
		}
		e := m.event
		e.At.Stored = time.Time{} // the leader that applied it first did not know it either
		if p, ok := event.PositionsOf(e.Data); ok {
			if err := h.gather(ctx, e, p); err != nil {
				return err
			}
		}
		apply(h.state, h.notes, fact{Event: e})
		return nil
	})
}

// gather applies the facts that the record e was made from. A stream that is not the
// one e was made from has nothing to tell: its facts are lost, and repeated by agents.
func (h *history) gather(ctx context.Context, e event.Event, p event.Positions) error {
	known := h.state.Streams()
	if epoch, ok := e.Data.(*event.EpochStarted); ok {
		known = epoch.Streams
	}
	for _, s := range factStreams {
		seq, f := reads(p)[s], h.feeds[s]
		if k := known[string(s)]; k != "" && !h.found[s].Means(k, seq) {
			if h.strict && seq > 0 {
				return &stream.Incarnation{Stream: s, Known: k, Found: h.found[s].Incarnation}
			}
			continue
		}
		if seq < f.cursor {
			f.rewind(seq, h.notes.gates.reader(s, seq)) // an epoch that read on after the stream rolled back
		}
		if err := h.reach(ctx, s, seq); err != nil {
			return err
		}
		if err := f.through(ctx, min(seq, h.found[s].Last), h.applyFact); err != nil {
			return err
		}
	}
	return nil
}

// applyFact folds a message as the loop would; what is no event was buried when it
// was first read.
func (h *history) applyFact(m heard) error {
	h.notes.gates.count(m.Message)
	if m.err != nil {
		h.state.Skip(m.At)
		return nil
	}
	apply(h.state, h.notes, fact{m.event, len(m.Data)})
	return nil
}

// compare holds what the log itself says was there against what is there.
func (h *history) compare() error {
	known := h.state.Streams()
	for s, seen := range map[event.Stream]uint64{event.Placements: h.state.Position(), event.Intents: h.state.Positions().Intents} {
		if err := h.rolledBack(s, known[string(s)], seen); err != nil && !h.cfg.AdoptLog {
			h.close()
			return err
		}
	}
	return nil
}

// readOn readies the feeds of facts for what comes behind the fold.
func (h *history) readOn() {
	at, _ := opening(h.state, h.found)
	for s, seq := range reads(at) {
		if h.feeds[s].cursor != seq {
			h.feeds[s].rewind(seq, h.notes.gates.reader(s, seq))
		}
	}
}

func (h *history) close() {
	for f := range maps.Values(h.feeds) {
		f.close()
	}
}
