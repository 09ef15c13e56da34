package stream

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/identity"
)

// ordered is the source of a Reader: an ordered consumer, which the library makes
// anew after every trouble at the place where it was.
type ordered struct {
	*inlet
	seen  atomic.Uint64 // last sequence handed out
	trust *identity.Trust
}

func (l *Log) consume(ctx context.Context, r *Reader, filter []string) (source, error) {
	c, err := l.js.OrderedConsumer(ctx, string(r.stream), jetstream.OrderedConsumerConfig{
		FilterSubjects:    filter,
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       r.next,
		InactiveThreshold: 30 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	o := &ordered{inlet: newInlet(), trust: l.o.Identity.Trust}
	o.seen.Store(r.next - 1)
	o.release = func() { l.drop(r.stream, c) }
	doubt := func(ctx context.Context) error {
		found, err := l.State(ctx, r.stream)
		if err != nil {
			return err
		}
		known := Reader{stream: r.stream, state: r.state, next: o.seen.Load() + 1}
		return known.compare(found)
	}
	return o, o.run(l.nc, c, doubt, jetstream.PullMaxBytes(pullBytes))
}

func (o *ordered) next(ctx context.Context) ([]Message, error) {
	raw, err := o.inlet.next(ctx)
	if err != nil {
		return nil, err
	}
	batch := make([]Message, len(raw))
	for i, m := range raw {
		if batch[i], err = messageOf(m, o.trust); err != nil {
			return nil, err
		}
	}
	o.seen.Store(batch[len(batch)-1].At.Sequence)
	return batch, nil
}
