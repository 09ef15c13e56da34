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

// recorded is what the service put into the log in one round.
type recorded struct {
	decisions int
	took      time.Duration
	busy      time.Duration // processor time of service and broker meanwhile
	messages  []*nats.Msg
	places    []*event.CommandPlace
}

// measure starts the service on the flood and times its records: from the epoch's to the
// last command's, by the broker's clock. The processor time is that of the whole process
// from the service's first look at the flood until the last decision was seen.
func (n flood) measure(ctx context.Context, b *harness.Broker, round int) (recorded, error) {
	state, err := b.Log.State(ctx, event.Placements)
	if err != nil {
		return recorded{}, err
	}
	var measured window
	stop, err := lead(ctx, b, func() (err error) {
		measured, err = n.open(fmt.Sprintf("placement-%d", round+1))
		return err
	})
	if err != nil {
		return recorded{}, err
	}
	if err := untilDecided(ctx, b, uint64((round+1)*n.workloads)); err != nil {
		return recorded{}, err
	}
	busy := measured.close()
	if err := stop(); err != nil {
		return recorded{}, err
	}
	r, err := readBack(ctx, b, state.Last+1)
	r.busy = busy
	return r, err
}

// untilDecided waits for the end of the flood by asking the service now and then: reading
// along would take part of the machine.
func untilDecided(ctx context.Context, b *harness.Broker, decisions uint64) error {
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	ask := query.New(b.Conn)
	for {
		status, _, err := ask.Status(ctx)
		if err != nil {
			return err
		}
		if status.Decided >= decisions && status.State == status.Logged {
			return nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return fmt.Errorf("after %d decisions: %w", status.Decided, ctx.Err())
		}
	}
}

// readBack reads what the service appended from a sequence on.
func readBack(ctx context.Context, b *harness.Broker, from uint64) (recorded, error) {
	all, err := b.Log.Tail(ctx, event.Placements, from)
	if err != nil {
		return recorded{}, err
	}
	var r recorded
	var began time.Time
	for _, m := range all {
		e, err := m.Event()
		if err != nil {
			return recorded{}, err
		}
		switch d := e.Data.(type) {
		case *event.EpochStarted:
			began = m.At.Stored
			continue
		case *event.PlacementTicked, *event.EpochEnded:
			continue
		case *event.PlacementDecided:
			if d.Verdict != event.VerdictPlaced {
				return recorded{}, fmt.Errorf("%s was not placed: %s", d.Workload, d.Reason)
			}
			r.decisions++
		case *event.CommandPlace:
			r.places = append(r.places, d)
		}
		r.messages = append(r.messages, bare(m))
		r.took = m.At.Stored.Sub(began)
	}
	return r, nil
}

// bare is a message without what the append and the store added to it.
func bare(m stream.Message) *nats.Msg {
	msg := &nats.Msg{Subject: m.Subject, Data: m.Data, Header: nats.Header{}}
	for name, values := range m.Header {
		if !strings.HasPrefix(name, "Nats-") {
			msg.Header[name] = values
		}
	}
	return msg
}
