package dev

import (
	"context"
	"errors"
	"sync"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/agent-sim"
	"fairlead.dev/services/placement"
	"github.com/nats-io/nats.go/jetstream"
)

// setup makes the streams and the command channel of every cluster.
func (f *federation) setup(ctx context.Context) error {
	js, err := jetstream.New(f.nc)
	if err != nil {
		return wrap("open JetStream", err)
	}
	if _, err := stream.Setup(ctx, js, stream.Options{Log: f.Log}); err != nil {
		return wrap("make the streams", err)
	}
	if f.log, err = stream.Open(ctx, f.nc, stream.Options{Log: f.Log}); err != nil {
		return wrap("open the log", err)
	}
	for _, spec := range f.Clusters {
		if err := f.log.Join(ctx, spec.Name); err != nil {
			return err
		}
	}
	for _, k := range f.Kubernetes {
		if err := f.log.Join(ctx, k.Cluster); err != nil {
			return err
		}
	}
	return nil
}

// runPlacement is ready once it leads.
func (f *federation) runPlacement(ctx context.Context, ready func()) error {
	return placement.Run(ctx, placement.Config{
		Instance:  "dev",
		Conn:      f.nc,
		Log:       f.Log,
		Telemetry: f.Telemetry,
		Ready: func(leads bool, _ string) {
			if leads {
				ready()
			}
		},
	})
}

// runAgents runs the simulated clusters with their agents. It is ready at once:
// agents start side by side, and settled tells when all are synchronised.
func (f *federation) runAgents(ctx context.Context, ready func()) error {
	ready()
	config := agentsim.Config{Conn: f.nc, Log: f.Log, Options: stream.Options{Log: f.Log}, Telemetry: f.Telemetry, Ready: f.heard()}
	for _, spec := range f.Clusters {
		config.Clusters = append(config.Clusters, agentsim.New(spec))
	}
	if len(config.Clusters) == 0 {
		<-ctx.Done()
		return nil
	}
	return agentsim.Run(ctx, config)
}

// heard passes each cluster's first synchronisation on.
func (f *federation) heard() func(event.ClusterID, bool, string) {
	var lock sync.Mutex
	seen := map[event.ClusterID]bool{}
	return func(c event.ClusterID, ok bool, _ string) {
		lock.Lock()
		defer lock.Unlock()
		if ok && !seen[c] {
			seen[c] = true
			f.synced <- c
		}
	}
}

// runExamples submits the examples once all agents are synchronised, into an empty
// log only: what a kept folder holds is the user's own.
func (f *federation) runExamples(ctx context.Context, ready func()) error {
	ready()
	for range f.Clusters {
		select {
		case <-f.synced:
		case <-ctx.Done():
			return nil
		}
	}
	submitted, err := f.submit(ctx)
	if err != nil {
		return wrap("submit the examples", err)
	}
	f.Settled(Settled{Submitted: submitted, Took: time.Since(f.began)})
	<-ctx.Done()
	return nil
}

func (f *federation) submit(ctx context.Context) (int, error) {
	empty, err := f.unused(ctx)
	if err != nil || !empty {
		return 0, err
	}
	var events []event.Event
	for _, x := range f.Examples {
		e := event.New(event.SubmitterSource(x.Workload.Tenant, "dev"), x.Workload)
		e.ID = "example-" + string(x.Workload.Name)
		events = append(events, e)
	}
	if _, err := f.log.PublishAll(ctx, events); err != nil {
		return 0, err
	}
	return len(f.Examples), nil
}

// unused says that no workload was ever submitted.
func (f *federation) unused(ctx context.Context) (bool, error) {
	js, err := jetstream.New(f.nc)
	if err != nil {
		return false, err
	}
	intents, err := js.Stream(ctx, string(event.Intents))
	if err != nil {
		return false, err
	}
	_, err = intents.GetLastMsgForSubject(ctx, event.FilterType(event.TypeWorkloadSubmitted))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return true, nil
	}
	return false, err
}
