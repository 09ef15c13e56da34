package stream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fairlead.dev/pkg/event"
)

// channel is a cluster's durable.
type channel struct {
	filter  string
	next    uint64 // first sequence not delivered yet
	pending []*delivery
}

// delivery is a command that is not acknowledged.
type delivery struct {
	message Message
	times   int
	due     time.Time // when it comes again
}

// Join is Log's.
func (m *Memory) Join(_ context.Context, c event.ClusterID) error {
	if err := event.CheckName(string(c)); err != nil {
		return fmt.Errorf("join cluster: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.channels[c] == nil {
		m.channels[c] = &channel{
			filter: event.FilterCluster(event.Placements, c, "command.>"),
			next:   m.tapes[event.Placements].last() + 1,
		}
	}
	return nil
}

// Leave is Log's.
func (m *Memory) Leave(_ context.Context, c event.ClusterID) error {
	if err := event.CheckName(string(c)); err != nil {
		return fmt.Errorf("remove cluster: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.channels, c)
	m.wake()
	return nil
}

// Commands is Log's.
func (m *Memory) Commands(_ context.Context, c event.ClusterID) (*Commands, error) {
	if err := event.CheckName(string(c)); err != nil {
		return nil, fmt.Errorf("commands of cluster: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.channels[c] == nil {
		return nil, &NotJoined{Cluster: c}
	}
	closed := make(chan struct{})
	next := func(ctx context.Context) ([]Command, error) { return m.nextCommands(ctx, c, closed) }
	return &Commands{next: next, close: sync.OnceFunc(func() { close(closed) })}, nil
}

func (m *Memory) nextCommands(ctx context.Context, c event.ClusterID, closed <-chan struct{}) ([]Command, error) {
	for {
		batch, changed, wait, err := m.deliver(c)
		if err != nil || len(batch) > 0 {
			return batch, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case <-closed:
			err = errClosed
		case <-ctx.Done():
			err = ctx.Err()
		}
		timer.Stop()
		if err != nil {
			return nil, err
		}
	}
}

// deliver gives what is due again and what is new, and otherwise how long to wait.
func (m *Memory) deliver(c event.ClusterID) ([]Command, <-chan struct{}, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ch := m.channels[c]
	if ch == nil {
		return nil, nil, 0, &NotJoined{Cluster: c}
	}
	ch.fetch(m.tapes[event.Placements], m.o.AckPending)
	now, wait := m.now(), time.Hour
	var batch []Command
	for _, d := range ch.pending {
		if left := d.due.Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		d.due = now.Add(m.o.Redeliver[min(d.times, len(m.o.Redeliver)-1)])
		d.times++
		batch = append(batch, Command{Message: d.message, ack: func(ctx context.Context) error { return m.ack(ctx, ch, d) }})
	}
	return batch, m.changed, wait, nil
}

func (ch *channel) fetch(t *tape, limit int) {
	for ch.next = max(ch.next, t.first); ch.next <= t.last() && len(ch.pending) < limit; ch.next++ {
		if record := t.records[ch.next-t.first]; covers(ch.filter, record.Subject) {
			ch.pending = append(ch.pending, &delivery{message: record})
		}
	}
}

func (m *Memory) ack(ctx context.Context, ch *channel, d *delivery) error {
	op := Op{Kind: OpAck, Stream: event.Placements, Subject: d.message.Subject, Count: 1}
	return m.effect(ctx, op, func() error {
		for i, p := range ch.pending {
			if p == d {
				ch.pending = append(ch.pending[:i], ch.pending[i+1:]...)
				m.wake()
				break
			}
		}
		return nil
	})
}
