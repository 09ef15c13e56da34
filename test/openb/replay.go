package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/test/harness"
	"fairlead.dev/test/openb/trace"
)

// tenant owns every workload of the replay.
const tenant event.Tenant = "openb"

// leader is the placement service as a process.
type leader struct {
	command []string
	url     string
	cmd     *exec.Cmd
	ended   chan error
}

func (l *leader) start() error {
	args := append(l.command[1:len(l.command):len(l.command)], "--server", l.url, "--address", "")
	l.cmd = exec.Command(l.command[0], args...)
	l.cmd.Stderr = os.Stderr
	if err := l.cmd.Start(); err != nil {
		return fmt.Errorf("start placement (%s): %w", strings.Join(l.command, " "), err)
	}
	l.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(l.cmd, l.ended)
	return nil
}

// kill is kill -9: the process has no say in it.
func (l *leader) kill() error {
	if err := l.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill placement: %w", err)
	}
	<-l.ended
	return nil
}

// stop asks it to end in good order.
func (l *leader) stop() error {
	if err := l.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stop placement: %w", err)
	}
	return <-l.ended
}

// chunk is how many arrivals are submitted together when nothing paces them.
const chunk = 200

// submit publishes the arrivals in order, at most rate a second (0: together, as fast
// as the broker takes them), and waits until all are acknowledged.
func submit(ctx context.Context, log *stream.Log, pods []trace.Pod, rate int) error {
	if rate > 0 {
		return pace(ctx, log, pods, rate)
	}
	for some := range slices.Chunk(pods, chunk) {
		var events []event.Event
		for _, p := range some {
			events = append(events, arrival(p))
		}
		if _, err := log.PublishAll(ctx, events); err != nil {
			return fmt.Errorf("submit: %w", err)
		}
	}
	return nil
}

func arrival(p trace.Pod) event.Event {
	e := event.New(event.SubmitterSource(tenant, "replay"), workload(p))
	e.ID, e.Time = "submit-"+p.Name, time.Now()
	return e
}

func pace(ctx context.Context, log *stream.Log, pods []trace.Pod, rate int) error {
	var pending []*stream.Pending
	start := time.Now()
	for i, p := range pods {
		if err := until(ctx, start.Add(time.Duration(i)*time.Second/time.Duration(rate))); err != nil {
			return err
		}
		one, err := log.PublishAsync(ctx, arrival(p))
		if err != nil {
			return fmt.Errorf("submit %s: %w", p.Name, err)
		}
		pending = append(pending, one)
	}
	for _, one := range pending {
		if _, _, err := one.Wait(ctx); err != nil {
			return fmt.Errorf("submit: %w", err)
		}
	}
	return nil
}

func until(ctx context.Context, t time.Time) error {
	wait := time.Until(t)
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// follow reads PLACEMENTS and calls each decision until every one of n workloads
// was decided at least once; at kills the leader after that many decisions.
func follow(ctx context.Context, b *harness.Broker, l *leader, n, killAt int) (kills int, err error) {
	reader, err := b.Log.Read(ctx, event.Placements, 1)
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	decided := map[event.WorkloadID]bool{}
	for len(decided) < n {
		select {
		case err := <-l.ended:
			return kills, fmt.Errorf("placement ended: %w", err)
		default:
		}
		batch, err := reader.Next(ctx)
		if err != nil {
			return kills, fmt.Errorf("read decisions: %w", err)
		}
		for _, m := range batch {
			e, err := m.Event()
			if err != nil {
				return kills, err
			}
			if d, ok := e.Data.(*event.PlacementDecided); ok {
				decided[d.ID()] = true
			}
		}
		if killAt > 0 && kills == 0 && len(decided) >= killAt {
			kills++
			if err := l.kill(); err != nil {
				return kills, err
			}
			if err := l.start(); err != nil {
				return kills, err
			}
		}
	}
	return kills, nil
}
