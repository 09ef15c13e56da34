package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

const (
	pullBytes = 32 << 20 // of what the server sends ahead
	readAhead = 1024     // messages decoded ahead, and the largest batch of Next
)

// Reader gives a stream in order. It is for one goroutine.
type Reader struct {
	stream  event.Stream
	state   StreamState // as of the beginning
	next    uint64      // the sequence that must come, or the least that may when filtered
	whole   bool        // every record is wanted, so that a missing one is seen
	source  source
	saw     func(uint64) // told what was delivered
	pending error
}

// source is where a Reader gets its messages from.
type source interface {
	// next blocks for at least one message.
	next(ctx context.Context) ([]Message, error)
	close()
}

// Read gives the records of a stream from a sequence on, 0 meaning the oldest
// kept, those of the subjects in filter only if there are any. Filters must not
// overlap. Errors, here and later from Next: *Gap when records from there on are no
// longer kept, *RolledBack when the stream ends before from-1, *Absent, and from
// Next also *Incarnation when the stream is created anew during the read. A reader with
// filters sees a gap only at the beginning and after a lost connection.
func (l *Log) Read(ctx context.Context, s event.Stream, from uint64, filter ...string) (*Reader, error) {
	state, err := l.State(ctx, s)
	if err != nil {
		return nil, err
	}
	l.incarnations.Store(s, state.Incarnation)
	r, err := newReader(s, state, from, filter)
	if err != nil {
		return nil, err
	}
	r.saw = func(sequence uint64) { l.horizon.saw(s, state.Incarnation, sequence) }
	if l.o.Identity.API != "" {
		r.source = newPositions(l, r, filter)
		return r, nil
	}
	r.source, err = l.consume(ctx, r, filter)
	if err != nil {
		return nil, fmt.Errorf("read %s from %d: %w", s, r.next, err)
	}
	return r, nil
}

func newReader(s event.Stream, state StreamState, from uint64, filter []string) (*Reader, error) {
	if from == 0 {
		from = state.First
	}
	r := &Reader{stream: s, state: state, next: from, whole: len(filter) == 0 && s != DeadLetters, saw: func(uint64) {}}
	return r, r.compare(state)
}

// compare looks for what the reader could otherwise miss in silence.
func (r *Reader) compare(found StreamState) error {
	if err := expect(r.stream, found, r.state.Incarnation, r.next-1); err != nil {
		return err
	}
	if found.First > r.next && r.stream != DeadLetters {
		return &Gap{Stream: r.stream, From: r.next, To: found.First - 1}
	}
	return nil
}

// State is where the stream began and ended when the read began.
func (r *Reader) State() StreamState { return r.state }

// Next blocks until there is at least one record, and gives those that are there,
// at most 1024. After an error other than the context's the reader is of no more use.
func (r *Reader) Next(ctx context.Context) ([]Message, error) {
	if r.pending != nil {
		return nil, r.pending
	}
	batch, err := r.source.next(ctx)
	if err != nil {
		return nil, err
	}
	for i, m := range batch {
		if r.whole && m.At.Sequence != r.next && !r.state.Lineage.leftOut(r.next, m.At.Sequence-1) {
			r.pending = &Gap{Stream: r.stream, From: r.next, To: m.At.Sequence - 1}
			if i == 0 {
				return nil, r.pending
			}
			return batch[:i], nil
		}
		r.next = m.At.Sequence + 1
	}
	r.saw(r.next - 1)
	return batch, nil
}

// Close ends the reading.
func (r *Reader) Close() { r.source.close() }

// Tail gives what a stream holds from a sequence on, 0 meaning the oldest kept, up
// to its end as the leader of the stream knows it now; nothing when the stream ends
// before. The error is a *Gap when records from there on are no longer kept.
func (l *Log) Tail(ctx context.Context, s event.Stream, from uint64) ([]Message, error) {
	state, err := l.State(ctx, s)
	if err != nil || state.endsBefore(from) {
		return nil, err
	}
	r, err := l.Read(ctx, s, from)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readThrough(ctx, r, state.Last)
}

// endsBefore says that there is nothing to read from a sequence on; 0 means from the
// oldest kept.
func (s StreamState) endsBefore(from uint64) bool {
	return s.Last < from || from == 0 && s.Last < s.First
}

func readThrough(ctx context.Context, r *Reader, last uint64) ([]Message, error) {
	var all []Message
	for len(all) == 0 || all[len(all)-1].At.Sequence < last {
		batch, err := r.Next(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, batch...)
	}
	return all, nil
}

// messageOf gives the record in a message, to be believed by trust.
func messageOf(m jetstream.Msg, trust *identity.Trust) (Message, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Message{}, fmt.Errorf("message on %s: %w", m.Subject(), err)
	}
	return Message{
		Subject: m.Subject(), Header: m.Headers(), Data: m.Data(),
		At:    event.At{Stream: event.Stream(meta.Stream), Sequence: meta.Sequence.Stream, Stored: meta.Timestamp},
		trust: trust,
	}, nil
}

// drop removes a consumer that nobody reads any more; if that fails the server
// does it after a while of inactivity.
func (l *Log) drop(s event.Stream, c jetstream.Consumer) {
	info := c.CachedInfo()
	if info == nil || !l.nc.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := l.js.DeleteConsumer(ctx, string(s), info.Name); err != nil {
		l.o.Log.Debug("consumer left to expire", "stream", s, "consumer", info.Name, "error", err)
	}
}
