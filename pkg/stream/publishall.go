package stream

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"fairlead.dev/pkg/event"
)

// PublishAll stores many events and gives their sequences in the order given. It is
// for those who submit together: where every write is synced, a batch costs about as
// much as one event.
//
// All events are encoded first; one that is bad or too large is told by its number in
// the list, and nothing is sent. After that PublishAll is not atomic as a whole: at
// most 500 events, or 4 MiB, of one stream get in together or not at all, and a batch
// is sent when the one before it is stored. The events of one stream are stored in the
// order given, but an event that the log holds already keeps the place it has.
//
// A batch that is refused (an event of it is in the log already, too many batches are
// open) or whose answer is lost goes again event by event, which their ids make safe.
// A stream that takes no batches gets the events one behind the other without waiting
// for each; there an event that had to be sent twice may stand behind later ones.
//
// With an error, which names the event and wraps those of Publish, the sequences are
// those known by then and 0 for the rest; publishing all again is safe.
func (l *Log) PublishAll(ctx context.Context, events []event.Event) ([]uint64, error) {
	b := bulk{limit: l.Limit, signer: l.o.Identity.Signer, batch: l.publishBatch, loose: l.publishLoose, one: l.publish}
	return b.publish(ctx, events)
}

// publishBatch sends one atomic batch and waits for its answer. Unlike an append it
// expects nothing of the stream, so it does not matter who else publishes.
func (l *Log) publishBatch(ctx context.Context, _ event.Stream, messages []*nats.Msg) (uint64, error) {
	select {
	case l.bulks <- struct{}{}:
		defer func() { <-l.bulks }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, l.o.AckTimeout)
	defer cancel()
	number(messages, nuid.Next())
	last := len(messages) - 1
	for _, m := range messages[:last] {
		if err := l.nc.PublishMsg(m); err != nil {
			return 0, err // without its last message the batch is never committed
		}
	}
	ack, err := l.js.PublishMsg(ctx, messages[last], jetstream.WithRetryAttempts(0))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// publishLoose sends without waiting for each, and waits for all.
func (l *Log) publishLoose(ctx context.Context, s event.Stream, messages []*nats.Msg) []uint64 {
	seqs := make([]uint64, len(messages))
	var sent []*Pending
	for _, m := range messages {
		p, err := l.publishAsync(ctx, s, m)
		if err != nil {
			break
		}
		sent = append(sent, p)
	}
	for i, p := range sent {
		if _, seq, err := p.Wait(ctx); err == nil {
			seqs[i] = seq
		}
	}
	return seqs
}
