package stream

import (
	"context"
	"errors"
	"fmt"
)

// DropCheckpoints removes the checkpoints that drop says, and tells how many: an
// operator who takes a log that rolled back as it is must not find the checkpoints of
// what is lost at every start. Damaged ones stay; nothing is restored from them.
func (l *Log) DropCheckpoints(ctx context.Context, drop func(Checkpoint) bool) (int, error) {
	store, err := l.checkpoints(ctx)
	if err != nil {
		return 0, err
	}
	dropped := 0
	for c, err := range l.Checkpoints(ctx) {
		if errors.As(err, new(*Damaged)) || err == nil && !drop(c) {
			continue
		}
		if err != nil {
			return dropped, err
		}
		if err := store.Delete(ctx, checkpointName(c.Placements)); err != nil {
			return dropped, fmt.Errorf("drop checkpoint at %d: %w", c.Placements, err)
		}
		dropped++
	}
	return dropped, nil
}

// DropCheckpoints is as Log.DropCheckpoints.
func (m *Memory) DropCheckpoints(ctx context.Context, drop func(Checkpoint) bool) (int, error) {
	dropped := 0
	for c, err := range m.Checkpoints(ctx) {
		if errors.As(err, new(*Damaged)) || err == nil && !drop(c) {
			continue
		}
		if err != nil {
			return dropped, err
		}
		m.mu.Lock()
		delete(m.checkpoints, checkpointName(c.Placements))
		m.mu.Unlock()
		dropped++
	}
	return dropped, nil
}
