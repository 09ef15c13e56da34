package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// Publish is Log's. It does not try again: a fault is told at once.
func (m *Memory) Publish(ctx context.Context, e event.Event) (uint64, error) {
	msg, s, err := encode(ctx, e, m.Limit, m.o.Identity.Signer)
	if err != nil {
		return 0, err
	}
	seq, err := m.put(ctx, s, msg)
	if err != nil {
		return 0, fmt.Errorf("publish %s: %w", msg.Subject, err)
	}
	return seq, nil
}

func (m *Memory) put(ctx context.Context, s event.Stream, msg *nats.Msg) (seq uint64, err error) {
	op := Op{Kind: OpPublish, Stream: s, Subject: msg.Subject, Count: 1}
	err = m.effect(ctx, op, func() error {
		seq = m.add(m.tapes[s], msg)
		return nil
	})
	return seq, err
}

// PublishAsync is Log's; the event is stored or not when it returns.
func (m *Memory) PublishAsync(ctx context.Context, e event.Event) (*Pending, error) {
	msg, s, err := encode(ctx, e, m.Limit, m.o.Identity.Signer)
	if err != nil {
		return nil, err
	}
	p := &Pending{done: make(chan struct{}), count: 1}
	return p.settle(m.put(ctx, s, msg)), nil
}

// PublishAll is Log's. A batch, and what goes again event by event, are operations to
// inject a fault into.
func (m *Memory) PublishAll(ctx context.Context, events []event.Event) ([]uint64, error) {
	return bulk{limit: m.Limit, signer: m.o.Identity.Signer, batch: m.putBatch, loose: m.putLoose, one: m.put}.publish(ctx, events)
}

// putBatch stores all or nothing.
func (m *Memory) putBatch(ctx context.Context, s event.Stream, messages []*nats.Msg) (last uint64, err error) {
	op := Op{Kind: OpPublish, Stream: s, Subject: messages[0].Subject, Count: len(messages)}
	err = m.effect(ctx, op, func() error {
		t := m.tapes[s]
		if err := t.fresh(messages, m.now()); err != nil {
			return err
		}
		for _, msg := range messages {
			last = m.add(t, msg)
		}
		return nil
	})
	return last, err
}

func (m *Memory) putLoose(ctx context.Context, s event.Stream, messages []*nats.Msg) []uint64 {
	seqs := make([]uint64, len(messages))
	for i, msg := range messages {
		if seq, err := m.put(ctx, s, msg); err == nil {
			seqs[i] = seq
		}
	}
	return seqs
}

// Appender is Log's; a batch is stored or not when Append returns.
func (m *Memory) Appender(last uint64) *Appender {
	a := newAppender(last, m.o.InFlight, m.Limit(event.Placements))
	a.signer = m.o.Identity.Signer
	a.send = func(b batch) error {
		seq, err := m.sendBatch(b)
		b.told(seq, err)
		return nil
	}
	return a
}

func (m *Memory) sendBatch(b batch) (last uint64, err error) {
	clean(b.messages)
	op := Op{Kind: OpAppend, Stream: event.Placements, Subject: b.messages[0].Subject, Count: len(b.messages)}
	err = m.effect(context.Background(), op, func() error {
		t := m.tapes[event.Placements]
		if err := t.admit(b, m.now()); err != nil {
			return err
		}
		for _, msg := range b.messages {
			last = m.add(t, msg)
		}
		return nil
	})
	return last, err
}

// admit answers a batch as the server would: by its sequence, its fence and its ids.
func (t *tape) admit(b batch, now time.Time) error {
	if t.last() != b.expected {
		return refuse(jetstream.JSErrCodeStreamWrongLastSequence, "wrong last sequence: %d", t.last())
	}
	if at := t.subjects[b.fence.subject]; b.fence.subject != "" && at != b.fence.at {
		return refuse(jetstream.JSErrCodeStreamWrongLastSequence, "wrong last sequence: %d", at)
	}
	for _, msg := range b.messages {
		if streamOf(msg.Subject) != event.Placements {
			return refuse(jetstream.JSErrCodeBadRequest, "subject %s is not of the stream", msg.Subject)
		}
	}
	return t.fresh(b.messages, now)
}

// fresh refuses a batch with an id that is known or comes twice, as the server does.
func (t *tape) fresh(messages []*nats.Msg, now time.Time) error {
	seen := map[string]bool{}
	for _, msg := range messages {
		id := msg.Header.Get(jetstream.MsgIDHeader)
		if id == "" {
			continue
		}
		if _, known := t.duplicate(id, now); known || seen[id] {
			return refuse(codeDuplicateInBatch, "atomic publish batch contains duplicate message id")
		}
		seen[id] = true
	}
	return nil
}

const codeDuplicateInBatch jetstream.ErrorCode = 10201

func refuse(code jetstream.ErrorCode, format string, args ...any) error {
	return &jetstream.APIError{Code: 400, ErrorCode: code, Description: fmt.Sprintf(format, args...)}
}
