package stream

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// SaveCheckpoint is Log's.
func (m *Memory) SaveCheckpoint(ctx context.Context, c Checkpoint) error {
	body, err := c.seal()
	if err != nil {
		return err
	}
	return m.effect(ctx, Op{Kind: OpCheckpoint, Count: 1}, func() error {
		m.checkpoints[checkpointName(c.Placements)] = body
		for _, old := range m.checkpointNames()[min(m.o.Checkpoints, len(m.checkpoints)):] {
			delete(m.checkpoints, old)
		}
		return nil
	})
}

// checkpointNames gives the newest first.
func (m *Memory) checkpointNames() []string {
	names := slices.Sorted(maps.Keys(m.checkpoints))
	slices.Reverse(names)
	return names
}

// Checkpoints is Log's.
func (m *Memory) Checkpoints(ctx context.Context) iter.Seq2[Checkpoint, error] {
	return func(yield func(Checkpoint, error) bool) {
		if err := m.begin(ctx, Op{Kind: OpCheckpoint}); err != nil {
			yield(Checkpoint{}, err)
			return
		}
		names, kept := m.checkpointNames(), maps.Clone(m.checkpoints)
		m.mu.Unlock()
		for _, name := range names {
			if !yield(unseal(name, slices.Clone(kept[name]))) {
				return
			}
		}
	}
}

// DeadLetter is Log's.
func (m *Memory) DeadLetter(ctx context.Context, dead Message, reason string) error {
	return m.effect(ctx, Op{Kind: OpLetter, Stream: dead.At.Stream, Subject: dead.Subject, Count: 1}, func() error {
		of, ok := m.tapes[dead.At.Stream]
		if !ok {
			return fmt.Errorf("keep dead letter of %s at %d: %w", dead.At.Stream, dead.At.Sequence, absent(string(dead.At.Stream)))
		}
		letters := m.tapes[DeadLetters]
		msg := letterOf(dead, of.incarnation, reason, m.Limit(DeadLetters))
		if letters.subjects[msg.Subject] == 0 {
			m.add(letters, msg)
		}
		return nil
	})
}

// Letters is Log's.
func (m *Memory) Letters(ctx context.Context) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		if err := m.begin(ctx, Op{Kind: OpLetter, Stream: DeadLetters}); err != nil {
			yield(Letter{}, err)
			return
		}
		kept := m.keptLetters()
		m.mu.Unlock()
		for _, record := range kept {
			if letter, err := readLetter(record); !yield(letter, err) || err != nil {
				return
			}
		}
	}
}

// keptLetters leaves out what a mark has replaced: one message is kept per subject.
func (m *Memory) keptLetters() []Message {
	t := m.tapes[DeadLetters]
	var kept []Message
	for _, record := range t.records {
		if t.subjects[record.Subject] == record.At.Sequence {
			kept = append(kept, record)
		}
	}
	return kept
}

// LetterCounts is Log's.
func (m *Memory) LetterCounts(ctx context.Context) (map[string]int, error) {
	return count(m.Letters(ctx))
}

// Letter is Log's.
func (m *Memory) Letter(ctx context.Context, number uint64) (Letter, Message, error) {
	letter, kept, err := m.letter(ctx, number)
	if err != nil {
		return Letter{}, Message{}, err
	}
	return letter, letter.record(kept), nil
}

func (m *Memory) letter(ctx context.Context, number uint64) (Letter, Message, error) {
	if err := m.begin(ctx, Op{Kind: OpLetter, Stream: DeadLetters}); err != nil {
		return Letter{}, Message{}, err
	}
	defer m.mu.Unlock()
	for _, kept := range m.keptLetters() {
		if kept.At.Sequence == number {
			letter, err := readLetter(kept)
			return letter, kept, err
		}
	}
	return Letter{}, Message{}, &Absent{What: fmt.Sprintf("dead letter %d", number)}
}

// Replay is Log's.
func (m *Memory) Replay(ctx context.Context, number uint64) (uint64, error) {
	letter, kept, err := m.letter(ctx, number)
	if err != nil || letter.Replayed > 0 {
		return letter.Replayed, err
	}
	msg, err := letter.replay(letter.record(kept))
	if err != nil {
		return 0, err
	}
	seq, err := m.put(ctx, letter.At.Stream, msg)
	if err != nil {
		return 0, fmt.Errorf("replay letter %d: %w", number, err)
	}
	err = m.effect(ctx, Op{Kind: OpLetter, Stream: letter.At.Stream, Subject: letter.Subject, Count: 1}, func() error {
		m.add(m.tapes[DeadLetters], marked(kept, seq))
		return nil
	})
	return seq, err
}

// RemoveLetter is Log's.
func (m *Memory) RemoveLetter(ctx context.Context, number uint64) error {
	_, kept, err := m.letter(ctx, number)
	if err != nil {
		return err
	}
	return m.effect(ctx, Op{Kind: OpLetter, Stream: DeadLetters, Subject: kept.Subject, Count: 1}, func() error {
		delete(m.tapes[DeadLetters].subjects, kept.Subject) // what its subject does not name is not kept
		return nil
	})
}
