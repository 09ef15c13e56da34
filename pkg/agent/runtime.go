package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Log is what an agent needs of the log.
type Log interface {
	// Publish stores an event and gives its sequence; the same id is stored once.
	Publish(ctx context.Context, e event.Event) (uint64, error)
	// Commands opens the cluster's command channel, which must exist.
	Commands(ctx context.Context, c event.ClusterID) (*stream.Commands, error)
}

// Run drives the orchestrator by the commands of the log until the context ends (then
// it returns nil), or the agent cannot go on: a *ReplacedError when a newer agent of
// the cluster was met, a *stream.NotJoined when the cluster has no command channel.
// Everything it holds in memory may be lost at any moment without harm.
func Run(ctx context.Context, c Config, log Log, o Orchestrator) error {
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return fmt.Errorf("agent settings: %w", err)
	}
	commands, err := log.Commands(ctx, c.Cluster)
	if err != nil {
		return fmt.Errorf("open commands: %w", err)
	}
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))  // a departure outlives ctx for a moment
	inner = trace.ContextWithSpanContext(inner, trace.SpanContext{}) // a report is no part of the trace that started the process
	r := &runtime{
		Config:       c,
		log:          log,
		orchestrator: o,
		machine:      NewMachine(c.Settings),
		inputs:       make(chan Input),
		hints:        make(chan struct{}, 1),
		commands:     map[uint64]stream.Command{},
		stories:      newStories(c.Instruments),
	}
	defer r.stories.close()
	defer r.work.Wait()
	defer cancel()
	r.work.Go(func() { r.receive(inner, commands) })
	r.work.Go(func() { r.watch(inner) })
	return r.loop(ctx, inner)
}

// runtime gives the machine a clock, goroutines and I/O. The loop alone touches the
// machine; every other goroutine answers one effect, or waits for something outside.
type runtime struct {
	Config
	log          Log
	orchestrator Orchestrator
	machine      *Machine
	inputs       chan Input
	hints        chan struct{}
	commands     map[uint64]stream.Command // delivered and not acknowledged
	stories      *stories
	work         sync.WaitGroup
	ready        bool
}

// loop is the agent: one input after the other, until the machine stops.
func (r *runtime) loop(ctx, inner context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	done, leaving := ctx.Done(), (<-chan time.Time)(nil)
	in := Input(Started{})
	for {
		if stop, err := r.step(inner, in); stop {
			return err
		}
		r.arm(timer)
		select {
		case in = <-r.inputs:
		case <-r.hints:
			in = Changed{}
		case up := <-r.Online:
			in = Connection{up}
		case <-timer.C:
			in = nil
		case <-done:
			if !r.LeaveOnStop {
				return nil
			}
			in, done, leaving = Leave{}, nil, time.After(r.Grace)
		case <-leaving:
			return errors.New("the departure could not be published in time: the cluster will be missed instead")
		}
	}
}

// step lets the machine take the time and one input, and does what it asks for.
func (r *runtime) step(ctx context.Context, in Input) (stop bool, err error) {
	effects := r.feed(TimePassed{time.Now()})
	switch in := in.(type) {
	case nil:
	case arrival:
		effects = append(effects, r.arrived(in)...)
	case closed:
		return true, fmt.Errorf("receive commands: %w", in.err)
	default:
		effects = append(effects, r.feed(in)...)
	}
	for _, e := range effects {
		if s, stopped := e.(Stop); stopped {
			return true, s.Reason
		}
		r.perform(ctx, e)
	}
	r.stories.outbox(r.machine.outbox.waiting())
	r.tell()
	return false, nil
}

// feed gives the machine one input and tells what ended by it.
func (r *runtime) feed(in Input) []Effect {
	effects := r.machine.Step(in)
	r.stories.ended(r.machine.ended)
	if r.machine.phase == hailing {
		r.stories.forget()
	}
	return effects
}

// arm sets the timer to when the machine next has something to do.
func (r *runtime) arm(timer *time.Timer) {
	wait := time.Hour
	if at := r.machine.Wake(); !at.IsZero() {
		wait = max(0, time.Until(at))
	}
	timer.Reset(wait)
}

// tell passes on whether the agent reports.
func (r *runtime) tell() {
	if r.ready == r.machine.Synchronised() || r.machine.phase == leavingNow {
		return
	}
	r.ready = !r.ready
	if r.ready {
		r.Ready(true, "")
		r.Config.Log.Info("synchronised", "incarnation", r.machine.Incarnation(), "appliedThrough", r.machine.AppliedThrough())
		return
	}
	r.Ready(false, "waiting for placement to answer the hello")
	r.Config.Log.Warn("commands were missed; asking for the whole desired state again", "incarnation", r.machine.Incarnation())
}

// give hands an input to the loop, unless the agent has ended.
func (r *runtime) give(ctx context.Context, in Input) {
	select {
	case r.inputs <- in:
	case <-ctx.Done():
	}
}
