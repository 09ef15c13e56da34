package stream

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

const (
	bulkMessages = 500     // messages of one batch of PublishAll
	bulkBytes    = 4 << 20 // and their size, with headers
	bulkOpen     = 4       // batches of one Log that are open at once, of the 50 a stream takes
)

// bulk is PublishAll over whatever stores.
type bulk struct {
	limit  func(event.Stream) int
	signer *identity.Signer
	batch  func(context.Context, event.Stream, []*nats.Msg) (last uint64, err error)
	loose  func(context.Context, event.Stream, []*nats.Msg) []uint64 // 0 for what is not known to be stored
	one    func(context.Context, event.Stream, *nats.Msg) (uint64, error)
}

// parcel is the events of one stream, with their places in the list.
type parcel struct {
	stream   event.Stream
	messages []*nats.Msg
	places   []int
}

func (b bulk) publish(ctx context.Context, events []event.Event) ([]uint64, error) {
	parcels, err := b.sort(ctx, events)
	if err != nil {
		return nil, err
	}
	seqs := make([]uint64, len(events))
	for _, p := range parcels {
		for len(p.messages) > 0 {
			part := p.cut()
			if at, err := b.part(ctx, part, seqs); err != nil {
				return seqs, fmt.Errorf("publish %s: %w", named(events, at), err)
			}
		}
	}
	return seqs, nil
}

// sort encodes every event and puts it to those of its stream.
func (b bulk) sort(ctx context.Context, events []event.Event) ([]*parcel, error) {
	var parcels []*parcel
	of := map[event.Stream]*parcel{}
	for i, e := range events {
		m, s, err := encode(ctx, e, b.limit, b.signer)
		if err != nil {
			return nil, fmt.Errorf("nothing is published: %s: %w", named(events, i), err)
		}
		p := of[s]
		if p == nil {
			p = &parcel{stream: s}
			of[s], parcels = p, append(parcels, p)
		}
		p.messages, p.places = append(p.messages, m), append(p.places, i)
	}
	return parcels, nil
}

// named is an event for those who look for it in their list.
func named(events []event.Event, i int) string {
	about := events[i].ID
	if data := events[i].Data; data != nil {
		about = data.Entity()
	}
	return fmt.Sprintf("event %d of %d, %s", i+1, len(events), about)
}

// cut takes from p what makes one batch.
func (p *parcel) cut() parcel {
	n, bytes := 0, 0
	for n < len(p.messages) && n < bulkMessages {
		bytes += p.messages[n].Size()
		if n > 0 && bytes > bulkBytes {
			break
		}
		n++
	}
	part := parcel{p.stream, p.messages[:n], p.places[:n]}
	p.messages, p.places = p.messages[n:], p.places[n:]
	return part
}

// part stores what cut took and fills in its sequences; an error comes with the place
// of its event.
func (b bulk) part(ctx context.Context, part parcel, seqs []uint64) (at int, err error) {
	known, err := b.together(ctx, part)
	if err != nil {
		return part.places[0], err
	}
	for i, m := range part.messages {
		if known[i] == 0 {
			if known[i], err = b.one(ctx, part.stream, m); err != nil {
				return part.places[i], err
			}
		}
		seqs[part.places[i]] = known[i]
	}
	return 0, nil
}

// together tries the quick way and gives what it is sure of. A context that ends is the
// only error: whatever else went wrong shows, or is healed, one by one.
func (b bulk) together(ctx context.Context, part parcel) ([]uint64, error) {
	known := make([]uint64, len(part.messages))
	if len(part.messages) == 1 {
		return known, nil
	}
	if !takesBatches(part.stream) {
		return b.loose(ctx, part.stream, part.messages), nil
	}
	last, err := b.batch(ctx, part.stream, part.messages)
	clean(part.messages) // what goes again goes alone
	if ctx.Err() != nil && err != nil {
		return nil, ctx.Err()
	}
	if api, ok := answer(err); ok && api.ErrorCode == codeNoBatches {
		return b.loose(ctx, part.stream, part.messages), nil
	}
	if err != nil {
		return known, nil
	}
	for i := range known {
		known[i] = last - uint64(len(known)-1-i)
	}
	return known, nil
}

// codeNoBatches is the answer of a stream that was made without atomic publish.
const codeNoBatches jetstream.ErrorCode = 10174

// takesBatches says what the topology gives a stream.
func takesBatches(s event.Stream) bool {
	for _, p := range topology {
		if p.stream == s {
			return p.atomic
		}
	}
	return false
}
