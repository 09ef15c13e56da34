package placement

import (
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
	if !l.due || at == l.saved || l.state.Positions() != l.barrier {
		return
	}
	state, err := freeze(l.state, l.notes)
	if err != nil {
		l.stepDown(err, "take a checkpoint")
		return
	}
	l.saved, l.due = at, false
	l.pending = &stream.Checkpoint{
		State:      state,
		Placements: at,
		Positions:  l.state.Positions(),
		Streams:    streams(l.state),
		Digest:     l.state.Digest(),
	}
	l.release()
}

// release hands out the checkpoint that was taken, once the log holds it.
func (l *loop) release() {
	if l.pending != nil && l.pending.Placements <= l.acked {
		l.out.save, l.pending = l.pending, nil
	}
}

func streams(s *scheduler.State) map[event.Stream]string {
	out := map[event.Stream]string{}
	for name, incarnation := range s.Streams() {
		out[event.Stream(name)] = incarnation
	}
	return out
}

// freeze lays the state and the notes side by side: the length of the first, then both.
func freeze(s *scheduler.State, n *notes) ([]byte, error) {
	saved, err := n.save(func(w event.WorkloadID) bool { _, ok := s.Workload(w); return ok })
	if err != nil {
		return nil, err
	}
	core := s.Snapshot()
	out := binary.AppendUvarint(nil, uint64(len(core)))
	return append(append(out, core...), saved...), nil
}

// thaw is the inverse of freeze.
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
