package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
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
func (n flood) join(ctx context.Context, b *harness.Broker) (sites, error) {
	stop, err := lead(ctx, b, func() error { return nil })
	if err != nil {
		return nil, err
	}
	all := sites{}
	for i := range n.clusters {
		s := floodSite(i)
		e := event.New(event.AgentSource(s.id), &event.AgentStarted{Cluster: s.id, Instance: "speed", Orchestrator: "sim"})
		e.ID = fmt.Sprintf("%s/hello", s.id)
		if s.incarnation, err = b.Log.Publish(ctx, e); err != nil {
			return nil, err
		}
		all[s.id] = s
	}
	if err := synchronised(ctx, b, n.clusters); err != nil {
		return nil, err
	}
	if err := stop(); err != nil {
		return nil, err
	}
	return all, all.report(ctx, b)
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

// sites are the clusters of a flood.
type sites map[event.ClusterID]*site

// floodSite has room for many floods.
func floodSite(i int) *site {
	s := &site{id: event.ClusterID(fmt.Sprintf("c%d", i)), number: i}
	for k := range 4 {
		size := room{int64(16_000) << (k % 2), int64(64<<30) << (k % 2)}
		nodes := 4000 + 100*((i+k)%7)
		s.shapes = append(s.shapes, &shape{name: fmt.Sprintf("shape-%d", k), room: size, nodes: nodes, free: map[room]int{size: nodes}})
	}
	return s
}

// carryOut is what the clusters do about the commands of a round.
func (all sites) carryOut(places []*event.CommandPlace) error {
	for _, d := range places {
		s := all[d.Cluster]
		if s.run(d) > 0 {
			return fmt.Errorf("command %d of %s does not fit where it was told to go", d.Number, d.Cluster)
		}
		s.applied = d.Number
	}
	return nil
}

// report lets every cluster say what it has done and what is free.
func (all sites) report(ctx context.Context, b *harness.Broker) error {
	var events []event.Event
	for _, id := range slices.Sorted(maps.Keys(all)) {
		s := all[id]
		e := event.New(event.AgentSource(id), s.capacity())
		e.ID = fmt.Sprintf("%s/%d/capacity/%d", id, s.incarnation, s.report)
		events = append(events, e)
	}
	_, err := b.Log.PublishAll(ctx, events)
	return err
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
