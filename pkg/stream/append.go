package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

// Appender is the one writer of PLACEMENTS. Every batch names the sequence it
// must follow, so batches form a chain: a writer that was deposed finds the
// stream moved. After the first failure the appender is dead; read the tail and
// make a new one. Append is for one goroutine, or for several that agree on the
// order.
//
// The sequence alone fences one batch in flight. With several it does not: when
// the first fails because another writer put in exactly as many messages, the
// second finds the sequence it expected and would get in. Fence closes that hole;
// until it is called one batch is in flight at a time.
type Appender struct {
	stream   event.Stream
	limit    int // batches in flight once fenced
	maxBytes int
	send     func(batch) error // must tell every batch it takes, exactly once
	signer   *identity.Signer  // nil signs nothing

	turn  chan struct{} // held by the Append that is next
	freed chan struct{} // told when a batch in flight ends

	mu     sync.Mutex
	last   uint64
	fence  fence
	flying []*Pending // in chain order
	dead   error
}

// fence is a subject whose last message stands at a known sequence as long as no
// other writer has begun.
type fence struct {
	subject string
	at      uint64
}

// batch is what Appender hands to a store.
type batch struct {
	messages []*nats.Msg
	expected uint64 // last sequence of the stream
	fence    fence  // subject "" means none
	told     outcome
}

// Pending is an append, or an asynchronous publish, on its way.
type Pending struct {
	done        chan struct{}
	first, last uint64
	err         error

	expected uint64
	count    int
}

// Appender continues the chain of PLACEMENTS after the sequence last.
func (l *Log) Appender(last uint64) *Appender {
	a := newAppender(last, l.o.InFlight, l.Limit(event.Placements))
	a.send, a.signer = l.sendBatch, l.o.Identity.Signer
	return a
}

func newAppender(last uint64, limit, maxBytes int) *Appender {
	return &Appender{
		stream: event.Placements, last: last, limit: limit, maxBytes: maxBytes,
		turn: make(chan struct{}, 1), freed: make(chan struct{}, 1),
	}
}

// Fence names the subject that every new writer appends to first (the epoch
// record) and the sequence at which this writer's own stands. From then on several
// batches are in flight, and each of them fails once another writer has begun.
// No batch may carry a message on that subject afterwards.
//
// The record must still be kept: once it falls out of retention every batch is told
// *Moved although nobody else wrote. A writer that leads for long appends a new epoch
// record now and then, alone, and fences by that.
func (a *Appender) Fence(subject string, at uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fence = fence{subject, at}
}

// Append sends up to 1000 messages that get in all together or not at all, and
// returns at once, or when one of the batches in flight has ended. The headers of
// the messages are changed; they may be used again when Append returns. The errors
// of Pending are *Moved, *Refused and *TooLarge, after which nothing of the batch
// is stored, and *Unknown; a context that ends before the batch was sent is told
// as its own error, and the appender lives.
func (a *Appender) Append(ctx context.Context, messages []*nats.Msg) *Pending {
	p := &Pending{done: make(chan struct{}), count: len(messages)}
	if err := a.check(messages); err != nil {
		return p.settle(0, err)
	}
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return p.settle(0, fmt.Errorf("append not sent: %w", ctx.Err()))
	}
	b, err := a.join(ctx, p)
	if err != nil {
		return p.settle(0, err)
	}
	b.messages = messages
	b.told = func(seq uint64, err error) { a.told(p, seq, err) }
	if err := a.send(b); err != nil {
		a.told(p, 0, err)
	}
	return p
}

func (a *Appender) check(messages []*nats.Msg) error {
	if n := len(messages); n == 0 || n > maxBatch {
		return fmt.Errorf("append of %d messages: want 1 to %d", n, maxBatch)
	}
	for _, m := range messages {
		if err := tooLarge(m, a.maxBytes); err != nil {
			return err
		}
		a.signer.Sign(m)
	}
	return nil
}

// join waits for room and takes the next place in the chain.
func (a *Appender) join(ctx context.Context, p *Pending) (batch, error) {
	for {
		a.mu.Lock()
		if a.dead != nil {
			err := &Moved{Stream: a.stream, Expected: a.last, Behind: true, Text: a.dead.Error()}
			a.mu.Unlock()
			return batch{}, err
		}
		if len(a.flying) == 0 || a.fence.subject != "" && len(a.flying) < a.limit {
			b := batch{expected: a.last}
			if a.limit > 1 { // one in flight needs none, and three replicas refuse it at times
				b.fence = a.fence
			}
			p.expected = a.last
			a.last += uint64(p.count)
			a.flying = append(a.flying, p)
			a.mu.Unlock()
			return b, nil
		}
		a.mu.Unlock()
		select {
		case <-a.freed:
		case <-ctx.Done():
			return batch{}, fmt.Errorf("append not sent: %w", ctx.Err())
		}
	}
}

func (a *Appender) told(p *Pending, seq uint64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.settled() {
		return // failed with a batch before it
	}
	if want := p.expected + uint64(p.count); err == nil && seq != want {
		err = fmt.Errorf("stored up to %d instead of %d", seq, want)
	}
	if err != nil {
		a.die(p, err)
	} else {
		p.settle(seq, nil)
	}
	a.flying = remaining(a.flying)
	select {
	case a.freed <- struct{}{}:
	default:
	}
}

// die settles the batch that failed and those behind it, which share its fate: a
// definite failure means that they cannot get in, an unknown one that nobody knows.
func (a *Appender) die(p *Pending, cause error) {
	a.dead = classify(a.stream, p.expected, cause)
	definite := !errors.As(a.dead, new(*Unknown))
	for _, q := range a.flying {
		switch {
		case q == p:
			q.settle(0, a.dead)
		case q.expected < p.expected || q.settled():
		case definite:
			q.settle(0, &Moved{Stream: a.stream, Expected: q.expected, Behind: true, Text: a.dead.Error()})
		default:
			q.settle(0, &Unknown{Stream: a.stream, Expected: q.expected, Cause: cause})
		}
	}
}

// Err says why the appender is dead; nil while it lives.
func (a *Appender) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.dead
}

func classify(s event.Stream, expected uint64, err error) error {
	api, definite := answer(err)
	switch {
	case !definite:
		return &Unknown{Stream: s, Expected: expected, Cause: err}
	case moved(api.ErrorCode):
		return &Moved{Stream: s, Expected: expected, Text: api.Description}
	}
	return refusal(s, api)
}

func refusal(s event.Stream, api *jetstream.APIError) *Refused {
	return &Refused{Stream: s, Code: uint16(api.ErrorCode), Text: api.Description}
}

func remaining(flying []*Pending) []*Pending {
	var rest []*Pending
	for _, p := range flying {
		if !p.settled() {
			rest = append(rest, p)
		}
	}
	return rest
}
