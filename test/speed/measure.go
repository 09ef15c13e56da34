package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/test/harness"
)

// message is one recorded message, as it can be appended again.
type message struct{ *nats.Msg }

// measureService starts the service on the flood and times its records: from the
// epoch's to the last command's, by the broker's clock.
func measureService(ctx context.Context, b *harness.Broker, n sizes) (rate, error) {
	state, err := b.Log.State(ctx, event.Placements)
	if err != nil {
		return rate{}, err
	}
	stop, err := lead(ctx, b)
	if err != nil {
		return rate{}, err
	}
	if err := decided(ctx, b, n); err != nil {
		return rate{}, err
	}
	if err := stop(); err != nil {
		return rate{}, err
	}
	return recorded(ctx, b, state.Last+1)
}

// decided waits for the end of the flood by asking the service now and then: reading
// along would take part of the machine.
func decided(ctx context.Context, b *harness.Broker, n sizes) error {
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	ask := query.New(b.Conn)
	for {
		status, _, err := ask.Status(ctx)
		if err != nil {
			return err
		}
		if status.Decided >= uint64(n.workloads) && status.State == status.Logged {
			return nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return fmt.Errorf("after %d decisions: %w", status.Decided, ctx.Err())
		}
	}
}

// recorded reads back what the service appended from a sequence on.
func recorded(ctx context.Context, b *harness.Broker, from uint64) (rate, error) {
	all, err := b.Log.Tail(ctx, event.Placements, from)
	if err != nil {
		return rate{}, err
	}
	var r rate
	var began time.Time
	for _, m := range all {
		e, err := m.Event()
		if err != nil {
			return rate{}, err
		}
		switch d := e.Data.(type) {
		case *event.EpochStarted:
			began = m.At.Stored
			continue
		case *event.PlacementTicked:
			continue
		case *event.PlacementDecided:
			if d.Verdict != event.VerdictPlaced {
				return rate{}, fmt.Errorf("%s was not placed: %s", d.Workload, d.Reason)
			}
			r.decisions++
		}
		r.messages = append(r.messages, bare(m))
		r.took = m.At.Stored.Sub(began)
	}
	r.count = len(r.messages)
	return r, nil
}

// bare is a message without what the append and the store added to it.
func bare(m stream.Message) message {
	msg := &nats.Msg{Subject: m.Subject, Data: m.Data, Header: nats.Header{}}
	for name, values := range m.Header {
		if !strings.HasPrefix(name, "Nats-") {
			msg.Header[name] = values
		}
	}
	return message{msg}
}

// measureRaw appends the same messages to the same stream of a fresh broker with the
// same settings, in batches of 1000 and as many in flight as the service has.
func measureRaw(ctx context.Context, messages []message) (rate, error) {
	b, err := harness.StartBroker(ctx)
	if err != nil {
		return rate{}, err
	}
	defer b.Stop()
	fence, err := event.Encode(epoch())
	if err != nil {
		return rate{}, err
	}
	chain := b.Log.Appender(0)
	if _, _, err := chain.Append(ctx, []*nats.Msg{fence}).Wait(ctx); err != nil {
		return rate{}, err
	}
	chain.Fence(fence.Subject, 1)
	began := time.Now()
	var pending []*stream.Pending
	for rest := messages; len(rest) > 0; {
		batch := make([]*nats.Msg, 0, 1000)
		for len(batch) < 1000 && len(rest) > 0 {
			batch, rest = append(batch, rest[0].Msg), rest[1:]
		}
		pending = append(pending, chain.Append(ctx, batch))
	}
	for _, p := range pending {
		if _, _, err := p.Wait(ctx); err != nil {
			return rate{}, err
		}
	}
	return rate{count: len(messages), took: time.Since(began)}, nil
}

func epoch() event.Event {
	e := event.New(event.PlacementSource("bench"), &event.EpochStarted{Engine: "raw", Epoch: 1, Leader: "bench"})
	e.ID = "e_1"
	return e
}
