package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

// Durable is the name of a cluster's consumer of PLACEMENTS.
func Durable(c event.ClusterID) string { return "agent-" + string(c) }

// Subscription is the name of an integration's consumer of PLACEMENTS.
func Subscription(name string) string { return "subscription-" + name }

// Join makes the command channel of a cluster, beginning with what is appended
// from now on: an agent that starts asks for its whole desired state anyway. It
// may be called again. The error of a bad name is event.CheckName's.
func (l *Log) Join(ctx context.Context, c event.ClusterID) error {
	if err := event.CheckName(string(c)); err != nil {
		return fmt.Errorf("join cluster: %w", err)
	}
	_, err := l.js.CreateOrUpdateConsumer(ctx, string(event.Placements), l.durable(c))
	if err != nil {
		return fmt.Errorf("join cluster %s: %w", c, err)
	}
	return nil
}

// Subscribe makes the consumer of an integration: what is decided for workloads, from the
// oldest that is kept. It may be called again.
func (l *Log) Subscribe(ctx context.Context, name string) error {
	if err := event.CheckName(name); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	_, err := l.js.CreateOrUpdateConsumer(ctx, string(event.Placements), jetstream.ConsumerConfig{
		Durable:       Subscription(name),
		Description:   "decisions for " + name,
		FilterSubject: event.FilterTenant(event.Placements, "", ">"),
		AckPolicy:     jetstream.AckExplicitPolicy,
		MaxAckPending: l.o.AckPending,
		Replicas:      1,
	})
	if err != nil {
		return fmt.Errorf("subscribe %s: %w", name, err)
	}
	return nil
}

// durable has one replica wherever the stream has three: ten thousand replicated
// consumers would cost more than an agent that must be sent something again.
func (l *Log) durable(c event.ClusterID) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       Durable(c),
		Description:   "commands of cluster " + string(c),
		FilterSubject: event.FilterCluster(event.Placements, c, "command.>"),
		DeliverPolicy: jetstream.DeliverNewPolicy,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       l.o.Redeliver[0],
		BackOff:       l.o.Redeliver,
		MaxDeliver:    -1,
		MaxAckPending: l.o.AckPending,
		Replicas:      1,
	}
}

// Leave removes the command channel of a cluster; one that has none has left.
func (l *Log) Leave(ctx context.Context, c event.ClusterID) error {
	if err := event.CheckName(string(c)); err != nil {
		return fmt.Errorf("remove cluster: %w", err)
	}
	err := l.js.DeleteConsumer(ctx, string(event.Placements), Durable(c))
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("remove cluster %s: %w", c, err)
	}
	return nil
}

// Commands is the command channel of a cluster, at its agent. It is for one
// goroutine; acknowledging is for any.
type Commands struct {
	next  func(context.Context) ([]Command, error)
	close func()
}

// Command is a record for a cluster. It comes again until it is acknowledged, and
// may then come after later ones: agents order by the command's number.
type Command struct {
	Message
	ack func(context.Context) error
}

// Ack says that the command is settled and waits until the store knows.
func (c Command) Ack(ctx context.Context) error {
	if err := c.ack(ctx); err != nil {
		return fmt.Errorf("acknowledge %s at %d: %w", c.Subject, c.At.Sequence, err)
	}
	return nil
}

// Commands opens the command channel that Join made; it never makes one itself.
// The error is a *NotJoined when there is none.
func (l *Log) Commands(ctx context.Context, c event.ClusterID) (*Commands, error) {
	if err := event.CheckName(string(c)); err != nil {
		return nil, fmt.Errorf("commands of cluster: %w", err)
	}
	consumer, err := l.joined(ctx, c)
	if err != nil {
		return nil, err
	}
	in := newInlet()
	known := born(consumer)
	doubt := func(ctx context.Context) error {
		now, err := l.joined(ctx, c)
		if err == nil && born(now) != known {
			return &Incarnation{Stream: event.Placements, Known: known, Found: born(now)}
		}
		return err
	}
	if err := in.run(l.nc, consumer, doubt, jetstream.PullMaxMessages(l.o.AckPending)); err != nil {
		return nil, fmt.Errorf("commands of cluster %s: %w", c, err)
	}
	next := func(ctx context.Context) ([]Command, error) {
		raw, err := in.next(ctx)
		if err != nil {
			return nil, err
		}
		return commandsOf(raw, l.o.Identity.Trust)
	}
	return &Commands{next: next, close: in.close}, nil
}

// born tells a consumer from another one of its name.
func born(c jetstream.Consumer) string {
	return strconv.FormatInt(c.CachedInfo().Created.UnixNano(), 36)
}

func (l *Log) joined(ctx context.Context, c event.ClusterID) (jetstream.Consumer, error) {
	consumer, err := l.js.Consumer(ctx, string(event.Placements), Durable(c))
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, &NotJoined{Cluster: c}
	case err != nil:
		return nil, fmt.Errorf("commands of cluster %s: %w", c, err)
	}
	return consumer, nil
}

func commandsOf(raw []jetstream.Msg, trust *identity.Trust) ([]Command, error) {
	batch := make([]Command, len(raw))
	for i, m := range raw {
		message, err := messageOf(m, trust)
		if err != nil {
			return nil, err
		}
		batch[i] = Command{Message: message, ack: m.DoubleAck}
	}
	return batch, nil
}

// Next blocks until there is at least one command, new or come again. The error is
// the context's, a *NotJoined when the channel was removed, or an *Incarnation when it
// was made anew, as a log that is restored from a backup does: open it again, and take
// nothing for known that came through the old one.
func (c *Commands) Next(ctx context.Context) ([]Command, error) { return c.next(ctx) }

// Close ends the delivery; what is not acknowledged comes again to the next agent.
func (c *Commands) Close() { c.close() }
