package stream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// DeadLetter keeps a record that could not be read or trusted. The reason is one
// of a few words, with ": " and a detail behind it if there is one. A record that
// is kept already is success: whoever reads the log again finds it again.
func (l *Log) DeadLetter(ctx context.Context, m Message, reason string) error {
	incarnation, err := l.incarnation(ctx, m.At.Stream)
	if err == nil {
		_, err = l.putLetter(ctx, letterOf(m, incarnation, reason, l.Limit(DeadLetters)), 0)
	}
	if errors.As(err, new(*Moved)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep dead letter of %s at %d: %w", m.At.Stream, m.At.Sequence, err)
	}
	return nil
}

// putLetter writes a letter over the one with the given number, 0 meaning none. The
// error is a *Moved when there is another.
func (l *Log) putLetter(ctx context.Context, m *nats.Msg, over uint64) (uint64, error) {
	return backoff.Retry(ctx, func() (uint64, error) {
		ctx, cancel := context.WithTimeout(ctx, l.o.AckTimeout)
		defer cancel()
		ack, err := l.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(over))
		if api, ok := answer(err); ok && moved(api.ErrorCode) {
			return 0, backoff.Permanent(&Moved{Stream: DeadLetters, Expected: over, Text: api.Description})
		}
		if err != nil {
			return 0, verdict(DeadLetters, err)
		}
		return ack.Sequence, nil
	}, backoff.WithMaxTries(l.o.PublishTries))
}

// Letters lists the dead letters, oldest first. An error is the last value.
func (l *Log) Letters(ctx context.Context) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		if err := l.eachLetter(ctx, func(x Letter) bool { return yield(x, nil) }); err != nil {
			yield(Letter{}, fmt.Errorf("list dead letters: %w", err))
		}
	}
}

func (l *Log) eachLetter(ctx context.Context, visit func(Letter) bool) error {
	state, err := l.State(ctx, DeadLetters)
	if err != nil || state.Messages == 0 {
		return err
	}
	if l.o.Identity.API != "" {
		return l.eachByPosition(ctx, visit)
	}
	c, err := l.js.OrderedConsumer(ctx, string(DeadLetters),
		jetstream.OrderedConsumerConfig{HeadersOnly: true, InactiveThreshold: 30 * time.Second})
	if err != nil {
		return err
	}
	in := newInlet()
	in.release = func() { l.drop(DeadLetters, c) }
	defer in.close()
	nothing := func(context.Context) error { return nil }
	if err := in.run(l.nc, c, nothing, jetstream.PullMaxBytes(pullBytes)); err != nil {
		return err
	}
	for more := true; more; {
		batch, err := in.next(ctx)
		if err != nil {
			return err
		}
		if more, err = visitLetters(batch, visit); err != nil {
			return err
		}
	}
	return nil
}

// eachByPosition is eachLetter for those who may not make a consumer.
func (l *Log) eachByPosition(ctx context.Context, visit func(Letter) bool) error {
	kept, err := l.Tail(ctx, DeadLetters, 0)
	if err != nil {
		return err
	}
	for _, m := range kept {
		letter, err := readLetter(m)
		if err != nil || !visit(letter) {
			return err
		}
	}
	return nil
}

// visitLetters says whether more letters follow and are wanted.
func visitLetters(batch []jetstream.Msg, visit func(Letter) bool) (bool, error) {
	for _, raw := range batch {
		m, err := messageOf(raw, nil)
		if err != nil {
			return false, err
		}
		letter, err := readLetter(m)
		if err != nil {
			return false, err
		}
		meta, err := raw.Metadata()
		if err != nil || !visit(letter) || meta.NumPending == 0 {
			return false, err
		}
	}
	return true, nil
}

// LetterCounts counts the dead letters that were not replayed, by reason.
func (l *Log) LetterCounts(ctx context.Context) (map[string]int, error) { return count(l.Letters(ctx)) }

func count(letters iter.Seq2[Letter, error]) (map[string]int, error) {
	counts := map[string]int{}
	for letter, err := range letters {
		if err != nil {
			return nil, err
		}
		if letter.Replayed == 0 {
			counts[letter.Reason]++
		}
	}
	return counts, nil
}

// Letter gives a dead letter and the record in it, as it was.
func (l *Log) Letter(ctx context.Context, number uint64) (Letter, Message, error) {
	letter, kept, err := l.letter(ctx, number)
	if err != nil {
		return Letter{}, Message{}, err
	}
	return letter, letter.record(kept), nil
}

func (l *Log) letter(ctx context.Context, number uint64) (Letter, Message, error) {
	letters, err := l.js.Stream(ctx, string(DeadLetters))
	if err != nil {
		return Letter{}, Message{}, fmt.Errorf("open dead letters: %w", err)
	}
	raw, err := letters.GetMsg(ctx, number)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Letter{}, Message{}, &Absent{What: fmt.Sprintf("dead letter %d", number)}
	}
	if err != nil {
		return Letter{}, Message{}, fmt.Errorf("read dead letter %d: %w", number, err)
	}
	kept := Message{Subject: raw.Subject, Header: raw.Header, Data: raw.Data,
		At: event.At{Stream: DeadLetters, Sequence: raw.Sequence, Stored: raw.Time}}
	letter, err := readLetter(kept)
	return letter, kept, err
}

// Replay publishes the record of a letter again, as it was, and marks the letter.
// It gives the new sequence of the record. A letter that was replayed already is
// not replayed again; its sequence is given once more.
func (l *Log) Replay(ctx context.Context, number uint64) (uint64, error) {
	letter, kept, err := l.letter(ctx, number)
	if err != nil || letter.Replayed > 0 {
		return letter.Replayed, err
	}
	m, err := letter.replay(letter.record(kept))
	if err != nil {
		return 0, err
	}
	seq, err := l.publish(ctx, letter.At.Stream, m)
	if err != nil {
		return 0, fmt.Errorf("replay letter %d: %w", number, err)
	}
	_, err = l.putLetter(ctx, marked(kept, seq), number)
	if err != nil && !errors.As(err, new(*Moved)) { // moved: somebody else marked it
		return seq, fmt.Errorf("mark letter %d as replayed at %d: %w", number, seq, err)
	}
	return seq, nil
}

// RemoveLetter removes a letter, and with it the only copy of the record beside the one
// that lies in its stream. The error is an *Absent when there is none.
func (l *Log) RemoveLetter(ctx context.Context, number uint64) error {
	if _, _, err := l.letter(ctx, number); err != nil {
		return err
	}
	letters, err := l.js.Stream(ctx, string(DeadLetters))
	if err == nil {
		err = letters.DeleteMsg(ctx, number)
	}
	if err != nil {
		return fmt.Errorf("remove dead letter %d: %w", number, err)
	}
	return nil
}

// incarnation is the one of the last Read, or asked for.
func (l *Log) incarnation(ctx context.Context, s event.Stream) (string, error) {
	if known, ok := l.incarnations.Load(s); ok {
		return known.(string), nil
	}
	state, err := l.State(ctx, s)
	return state.Incarnation, err
}
