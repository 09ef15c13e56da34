package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/placement"
	"fairlead.dev/test/harness"
)

// flood is what each round asks of the service.
type flood struct {
	workloads, clusters, classes, rounds int

	profiles string // folder for a CPU profile of each measured stretch; "" for none
}

// join makes clusters that were answered and have reported.
func (n flood) join(ctx context.Context, b *harness.Broker) error {
	stop, err := lead(ctx, b, func() error { return nil })
	if err != nil {
		return err
	}
	incarnations := map[event.ClusterID]uint64{}
	for i := range n.clusters {
		c := event.ClusterID(fmt.Sprintf("c%d", i))
		e := event.New(event.AgentSource(c), &event.AgentStarted{Cluster: c, Instance: "speed", Orchestrator: "sim"})
		e.ID = fmt.Sprintf("%s/hello", c)
		if incarnations[c], err = b.Log.Publish(ctx, e); err != nil {
			return err
		}
	}
	if err := synchronised(ctx, b, n.clusters); err != nil {
		return err
	}
	if err := stop(); err != nil {
		return err
	}
	var events []event.Event
	for i := range n.clusters {
		c := event.ClusterID(fmt.Sprintf("c%d", i))
		events = append(events, capacity(c, incarnations[c], i))
	}
	_, err = b.Log.PublishAll(ctx, events)
	return err
}

// pour submits one round's workloads, which nobody reads yet.
func (n flood) pour(ctx context.Context, b *harness.Broker, round int) error {
	var events []event.Event
	for i := range n.workloads {
		events = append(events, submission(round, i, n.classes))
	}
	_, err := b.Log.PublishAll(ctx, events)
	return err
}

func capacity(c event.ClusterID, incarnation uint64, i int) event.Event {
	var shapes []event.NodeShape
	for s := range 4 {
		nodes := 4000 + 100*((i+s)%7)
		cpu, memory := int64(16_000)<<(s%2), int64(64<<30)<<(s%2)
		shapes = append(shapes, event.NodeShape{
			Name: fmt.Sprintf("shape-%d", s), Arch: "amd64", Nodes: nodes, CPUMilli: cpu, MemoryBytes: memory,
			Free: []event.FreeNodes{{Nodes: nodes, CPUMilli: cpu, MemoryBytes: memory}},
		})
	}
	e := event.New(event.AgentSource(c), &event.ClusterCapacityReported{
		Cluster: c, Incarnation: incarnation, Report: 1, Orchestrator: "sim", Region: fmt.Sprintf("r%d", i%4),
		Kinds: []event.Kind{event.KindService}, Shapes: shapes,
	})
	e.ID = fmt.Sprintf("%s/%d/capacity/1", c, incarnation)
	return e
}

func submission(round, i, classes int) event.Event {
	class := int64(i % classes)
	e := event.New(event.SubmitterSource("shop", "sim"), &event.WorkloadSubmitted{
		Tenant: "shop", Name: event.WorkloadName(fmt.Sprintf("w%d-%d", round, i)), Kind: event.KindService, Replicas: 1 + i%3,
		Template: event.Template{
			Image: "registry.example/shop/web:1.4.2", Architectures: []string{"amd64"},
			Resources: event.Resources{CPUMilli: 100 + 50*class, MemoryBytes: 128<<20 + class*(32<<20)},
		},
	})
	e.ID = fmt.Sprintf("submit-%d-%d", round, i)
	return e
}

// lead runs the service until the returned function ends it in good order. It calls begun
// when the epoch is recorded and the service turns to what is to be decided.
func lead(ctx context.Context, b *harness.Broker, begun func() error) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ready, done := make(chan struct{}), make(chan error, 1)
	var epoch, leads sync.Once
	var failed error
	cfg := placement.Config{
		Connect: stream.ConnConfig{URL: b.URL},
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
		Ready: func(is bool, _ string) {
			epoch.Do(func() { failed = begun() })
			if is {
				leads.Do(func() { close(ready) })
			}
		},
	}
	go func() { done <- placement.Run(ctx, cfg) }()
	stop = func() error { cancel(); return errors.Join(<-done, failed) }
	select {
	case <-ready:
		return stop, nil
	case err := <-done:
		cancel()
		return nil, errors.Join(err, errors.New("the service ended"))
	}
}

func synchronised(ctx context.Context, b *harness.Broker, clusters int) error {
	return each(ctx, b, 1, func(_ stream.Message, e event.Event) bool {
		if _, ok := e.Data.(*event.CommandSynchronise); ok {
			clusters--
		}
		return clusters == 0
	})
}

// each reads PLACEMENTS from a sequence on until enough.
func each(ctx context.Context, b *harness.Broker, from uint64, enough func(stream.Message, event.Event) bool) error {
	r, err := b.Log.Read(ctx, event.Placements, from)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		batch, err := r.Next(ctx)
		if err != nil {
			return err
		}
		for _, m := range batch {
			e, err := m.Event()
			if err != nil {
				return err
			}
			if enough(m, e) {
				return nil
			}
		}
	}
}
