package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"fairlead.dev/pkg/event"
)

// content is what one server holds of a stream.
type content struct {
	last   uint64
	digest [sha256.Size]byte
}

// copies says which servers hold something else of a stream than the others. A server
// answers direct questions of its own clients from its own copy. One that was away may
// still be catching up, so what differs is looked at again for a while.
func (s *stage) copies(ctx context.Context) ([]string, error) {
	var wrong []string
	for _, name := range event.Streams() {
		var all [nodes]content
		for end := time.Now().Add(stopPatience); ; {
			for i := range nodes {
				var err error
				if all[i], err = s.copyOf(ctx, i, name); err != nil {
					return wrong, fmt.Errorf("read %s of n%d: %w", name, i+1, err)
				}
			}
			if all[0] == all[1] && all[1] == all[2] {
				break
			}
			if time.Now().After(end) {
				wrong = append(wrong, fmt.Sprintf("the servers hold different copies of %s: up to %d (%x), %d (%x), %d (%x)", name,
					all[0].last, all[0].digest[:4], all[1].last, all[1].digest[:4], all[2].last, all[2].digest[:4]))
				break
			}
			if err := pause(ctx, time.Second); err != nil {
				return wrong, err
			}
		}
	}
	return wrong, nil
}

func (s *stage) copyOf(ctx context.Context, i int, name event.Stream) (content, error) {
	nc, err := nats.Connect("nats://" + s.broker.clients[i])
	if err != nil {
		return content{}, err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return content{}, err
	}
	var c content
	sum := sha256.New()
	for {
		batch, err := jetstreamext.GetBatch(ctx, js, string(name), 500, jetstreamext.GetBatchSeq(c.last+1), jetstreamext.GetBatchMaxBytes(4<<20))
		if err != nil {
			return c, err
		}
		before := c.last
		for m, err := range batch {
			if errors.Is(err, jetstreamext.ErrNoMessages) {
				break
			}
			if err != nil {
				return c, err
			}
			c.last = m.Sequence
			_ = binary.Write(sum, binary.BigEndian, []int64{int64(m.Sequence), m.Time.UnixNano()}) // a hash takes everything
			for _, key := range slices.Sorted(maps.Keys(m.Header)) {
				fmt.Fprintf(sum, "%s %s\n", key, m.Header[key])
			}
			fmt.Fprintf(sum, "%s %d\n", m.Subject, len(m.Data))
			sum.Write(m.Data)
		}
		if c.last == before {
			c.digest = [sha256.Size]byte(sum.Sum(nil))
			return c, nil
		}
	}
}
