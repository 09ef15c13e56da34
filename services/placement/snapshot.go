package placement

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

// snapshot takes a checkpoint where one is due and the state is exactly what its last
// record names: with facts beyond that record inside, another leader, whose records
// know nothing of them, could not continue from it. Ticks make such moments.
//
// The state may be ahead of the log; the checkpoint is saved when the log has caught
// up, or it would promise records that a crash loses.
func (l *loop) snapshot() {
	at := l.state.Position()
	if !l.due || l.relieved || at == l.saved || l.state.Positions() != l.barrier {
		return
	}
	l.pending = freeze(l.state, l.notes, l.saved)
	l.saved, l.savedFacts, l.due = at, l.state.Positions(), false
	l.release()
}

// frozen is a copy of the state at one record. Making a checkpoint of it takes a
// while, and happens beside the loop.
type frozen struct {
	core       []byte // scheduler.State.Snapshot
	notes      savedNotes
	placements uint64
	positions  event.Positions
	streams    map[string]string
}

// freeze copies a state; saved is the position of the checkpoint before.
func freeze(s *scheduler.State, n *notes, saved uint64) *frozen {
	return &frozen{
		core: s.Snapshot(), notes: n.copied(saved),
		placements: s.Position(), positions: s.Positions(), streams: s.Streams(),
	}
}

// release hands out the checkpoint that was taken, once the log holds it; that of an
// orderly stop comes last, so that nobody waits for it.
func (l *loop) release() {
	if l.pending != nil && l.pending.placements <= l.acked && !l.stopping {
		l.out.save, l.pending = l.pending, nil
	}
}

// checkpoint lays the state and the notes side by side: the length of the first, then
// both. The digest is that of the restored state: the hash of its snapshot.
func (f *frozen) checkpoint() (stream.Checkpoint, error) {
	notes, err := f.notes.encode()
	if err != nil {
		return stream.Checkpoint{}, err
	}
	state := binary.AppendUvarint(nil, uint64(len(f.core)))
	state = append(append(state, f.core...), notes...)
	incarnations := map[event.Stream]string{}
	for name, incarnation := range f.streams {
		incarnations[event.Stream(name)] = incarnation
	}
	return stream.Checkpoint{
		State: state, Placements: f.placements, Positions: f.positions,
		Streams: incarnations, Digest: sha256.Sum256(f.core),
	}, nil
}

// thaw is the inverse of checkpoint.
func thaw(cfg scheduler.Config, b []byte) (*scheduler.State, *notes, error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || uint64(len(b)-n) < size {
		return nil, nil, errors.New("restore checkpoint: cut short")
	}
	s, err := scheduler.Restore(cfg, b[n:n+int(size)])
	if err != nil {
		return nil, nil, fmt.Errorf("restore checkpoint: %w", err)
	}
	saved, err := restoreNotes(b[n+int(size):])
	return s, saved, err
}
