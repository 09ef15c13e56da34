package main

import (
	"context"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// load renews a population of workloads at a steady rate.
type load struct {
	log        *stream.Log
	population int
	rate       int // renewals a second
	made, gone int
}

const tenants = 4

func tenantOf(i int) event.Tenant { return event.Tenant(fmt.Sprintf("tenant-%d", i%tenants)) }

func nameOf(i int) event.WorkloadName { return event.WorkloadName(fmt.Sprintf("w-%d", i)) }

// submission has a name and a wish that no other has.
func submission(i int) event.Event {
	e := event.New(event.SubmitterSource(tenantOf(i), "soak"), &event.WorkloadSubmitted{
		Tenant: tenantOf(i), Name: nameOf(i), Kind: event.KindService, Replicas: 1 + i%3,
		Template: event.Template{
			Image: fmt.Sprintf("registry.example/soak/web:%d", i), Architectures: []string{"amd64"},
			Env:       map[string]string{"NUMBER": fmt.Sprint(i)},
			Resources: event.Resources{CPUMilli: int64(50 + i%7*10), MemoryBytes: int64(64+i%5*16) << 20},
		},
	})
	e.ID = fmt.Sprintf("soak-submit-%d", i)
	return e
}

func withdrawal(i int) event.Event {
	e := event.New(event.SubmitterSource(tenantOf(i), "soak"), &event.WorkloadWithdrawn{Tenant: tenantOf(i), Name: nameOf(i)})
	e.ID = fmt.Sprintf("soak-withdraw-%d", i)
	return e
}

// run renews until ctx ends.
func (l *load) run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := l.renew(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("load: %w", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// renew submits the share of a second, and withdraws the oldest beyond the population.
func (l *load) renew(ctx context.Context) error {
	var events []event.Event
	n := l.rate
	if missing := l.population - (l.made - l.gone); missing > n {
		n = min(missing, 500) // at the beginning
	}
	for range n {
		events = append(events, submission(l.made))
		l.made++
	}
	for l.made-l.gone > l.population {
		events = append(events, withdrawal(l.gone))
		l.gone++
	}
	_, err := l.log.PublishAll(context.WithoutCancel(ctx), events) // all of a second, or what is missing could not be told
	return err
}

// slowTail reads PLACEMENTS a batch at a time, with long breaks.
func slowTail(ctx context.Context, log *stream.Log) error {
	r, err := log.Read(ctx, event.Placements, 0)
	if err != nil {
		return err
	}
	defer func() { r.Close() }()
	pause := time.NewTicker(5 * time.Second)
	defer pause.Stop()
	for {
		if _, err := r.Next(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			r.Close() // it fell out of what is kept, as a slow reader of a small stream must
			if r, err = log.Read(ctx, event.Placements, 0); err != nil && ctx.Err() == nil {
				return fmt.Errorf("slow tail: %w", err)
			} else if err != nil {
				return nil
			}
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil
		}
	}
}
