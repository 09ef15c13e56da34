package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

// Publish stores one event and gives its sequence. It sends a few times under one
// id, so that an event whose acknowledgement was lost is stored once. The error is
// a *TooLarge (not sent), a *Refused, an *event.Invalid, the context's, or the last
// transport error; after the last two the event may be stored, and publishing it
// again with the same id is safe. The span of ctx, if it has one, goes into the message
// as its hop.
func (l *Log) Publish(ctx context.Context, e event.Event) (uint64, error) {
	m, s, err := l.encode(ctx, e)
	if err != nil {
		return 0, err
	}
	seq, err := l.publish(ctx, s, m)
	if err != nil {
		return 0, fmt.Errorf("publish %s: %w", m.Subject, err)
	}
	return seq, nil
}

// publish tries a few times; m must have an id.
func (l *Log) publish(ctx context.Context, s event.Stream, m *nats.Msg) (uint64, error) {
	return backoff.Retry(ctx, func() (uint64, error) { return l.publishOnce(ctx, s, m) },
		backoff.WithMaxTries(l.o.PublishTries))
}

func (l *Log) publishOnce(ctx context.Context, s event.Stream, m *nats.Msg) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, l.o.AckTimeout)
	defer cancel()
	ack, err := l.js.PublishMsg(ctx, m)
	if err == nil {
		return ack.Sequence, nil
	}
	return 0, verdict(s, err)
}

// verdict tells apart what another try may heal.
func verdict(s event.Stream, err error) error {
	if api, ok := answer(err); ok {
		if api.Code == 503 || api.Code == 429 { // no leader just now; too much at once
			return refusal(s, api)
		}
		return backoff.Permanent(refusal(s, api))
	}
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionDraining) {
		return backoff.Permanent(err)
	}
	return err
}

// PublishAsync sends one event once and does not wait for the store, only for room
// among the events in flight. An event that fails may be published again.
func (l *Log) PublishAsync(ctx context.Context, e event.Event) (*Pending, error) {
	m, s, err := l.encode(ctx, e)
	if err != nil {
		return nil, err
	}
	return l.publishAsync(ctx, s, m)
}

func (l *Log) publishAsync(ctx context.Context, s event.Stream, m *nats.Msg) (*Pending, error) {
	select {
	case l.room <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("publish %s: not sent: %w", m.Subject, ctx.Err())
	}
	p := &Pending{done: make(chan struct{}), count: 1}
	err := l.events.send(m, func(seq uint64, err error) {
		<-l.room
		if api, ok := answer(err); ok {
			err = refusal(s, api)
		}
		p.settle(seq, err)
	})
	if err != nil {
		<-l.room
		return nil, fmt.Errorf("publish %s: %w", m.Subject, err)
	}
	return p, nil
}

func (l *Log) encode(ctx context.Context, e event.Event) (*nats.Msg, event.Stream, error) {
	return encode(ctx, e, l.Limit, l.o.Identity.Signer)
}

// encode gives the signed message of an event with its deduplication id and the span of
// ctx. An event id is unique with its source only, and one stream holds events of many
// sources.
func encode(ctx context.Context, e event.Event, limit func(event.Stream) int, signer *identity.Signer) (*nats.Msg, event.Stream, error) {
	m, err := event.Encode(e)
	if bad := new(event.Invalid); errors.As(err, &bad) && bad.Reason == event.TooLarge {
		return nil, "", &TooLarge{Subject: event.Subject(e.Data), Size: event.MaxSize + 1, Limit: event.MaxSize}
	}
	if err != nil {
		return nil, "", fmt.Errorf("encode event: %w", err)
	}
	signer.Sign(m)
	m.Header.Set(jetstream.MsgIDHeader, signer.ID(e.Source, e.ID))
	telemetry.Inject(ctx, m.Header)
	s := streamOf(m.Subject)
	return m, s, tooLarge(m, limit(s))
}

// Limit is the size of the largest message that both the server and the stream
// take, in bytes of headers and data; what is larger is told *TooLarge. Room is left so
// that every message also fits into a dead letter.
func (l *Log) Limit(s event.Stream) int {
	if s == DeadLetters {
		return int(l.nc.MaxPayload())
	}
	return min(int(l.nc.MaxPayload())-letterRoom, maxMessage)
}

// chainRoom is what the headers of a batch, a fence, a sequence and a signature add at most.
const chainRoom = 512 + identity.Room

func tooLarge(m *nats.Msg, limit int) error {
	size := m.Size() - len(m.Subject) - len(m.Reply) + chainRoom
	if size <= limit {
		return nil
	}
	return &TooLarge{Subject: m.Subject, Size: size, Limit: limit}
}
