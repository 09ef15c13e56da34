package agent

import (
	"context"
	"errors"
	"time"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// publishFor is how long one attempt to publish may take; the machine then tries
// again under the same id.
const publishFor = 15 * time.Second

// perform does one effect in a goroutine of its own, which ends with its answer. How
// many there are at a time is bounded by the machine and by the consumer.
func (r *runtime) perform(ctx context.Context, e Effect) {
	switch e := e.(type) {
	case Publish:
		cause := r.stories.behind(e.Event)
		r.work.Go(func() { r.give(ctx, r.publish(ctx, cause, e.Event)) })
	case Apply:
		cause := r.cause(e.Desired.Workload, e.Desired.Token)
		r.work.Go(func() {
			r.give(ctx, r.until(ctx, e.Until, cause, telemetry.SpanApply, func(ctx context.Context) error {
				return r.orchestrator.Apply(ctx, e.Desired)
			}))
		})
	case Withdraw:
		cause := r.cause(e.Withdrawal.Workload, e.Withdrawal.Token)
		r.work.Go(func() {
			r.give(ctx, r.until(ctx, e.Until, cause, telemetry.SpanWithdraw, func(ctx context.Context) error {
				return r.orchestrator.Withdraw(ctx, e.Withdrawal)
			}))
		})
	case Observe:
		r.work.Go(func() { r.give(ctx, r.observe(ctx)) })
	case Ack:
		r.acknowledge(ctx, e.Sequence)
	}
}

func (r *runtime) publish(ctx context.Context, why cause, e event.Event) Published {
	ctx, cancel := context.WithTimeout(ctx, publishFor)
	defer cancel()
	ctx, span := r.Instruments.spans.Send(why.under(ctx), &e)
	sequence, err := r.log.Publish(ctx, e)
	telemetry.End(span, err)
	if err == nil {
		r.stories.reported(e.Type())
	}
	refused := errors.As(err, new(*stream.TooLarge)) || errors.As(err, new(*event.Invalid))
	if refused {
		r.Config.Log.Error("an event can never be published", "id", e.ID, "error", err)
	}
	return Published{ID: e.ID, Sequence: sequence, Err: err, Refused: refused}
}

// until runs one operation with its deadline.
func (r *runtime) until(ctx context.Context, deadline time.Time, why cause, act string, do func(context.Context) error) Finished {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	ctx, span := r.Instruments.operate(ctx, act, why)
	began := time.Now()
	err := do(ctx)
	r.Instruments.operated(began, err)
	telemetry.End(span, err)
	return Finished{Workload: why.workload, Token: why.token, Err: err}
}

// cause is what an operation is done for: a command that is open, or one long settled.
func (r *runtime) cause(w event.WorkloadID, token uint64) cause {
	return r.stories.of(w, token, r.machine.works[w])
}

func (r *runtime) observe(ctx context.Context) Observed {
	ctx, cancel := context.WithTimeout(ctx, r.Deadline)
	defer cancel()
	view, err := r.orchestrator.Observe(ctx)
	if err != nil && ctx.Err() == nil {
		r.Config.Log.Warn("the cluster cannot be observed; nothing is reported meanwhile", "error", err)
	}
	return Observed{view, err}
}

// acknowledge may fail: the message then comes again, as a duplicate.
func (r *runtime) acknowledge(ctx context.Context, sequence uint64) {
	command, known := r.commands[sequence]
	if !known {
		return
	}
	delete(r.commands, sequence)
	r.work.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, publishFor)
		defer cancel()
		_ = command.Ack(ctx)
	})
}

// arrival is a message of the command channel on its way to the loop, which keeps it
// for its acknowledgement.
type arrival struct {
	command stream.Command
	event   event.Event
	err     error // it is no event of the contract
}

func (arrival) input() {}

// closed says that the command channel is gone.
type closed struct{ err error }

func (closed) input() {}

// arrived hands a message to the machine.
func (r *runtime) arrived(a arrival) []Effect {
	sequence := a.command.At.Sequence
	r.commands[sequence] = a.command
	if a.err != nil {
		r.Config.Log.Error("a command cannot be read", "sequence", sequence, "error", a.err)
		return r.feed(CommandUnreadable{sequence})
	}
	expected := r.machine.expected
	began := r.stories.arrived(a.command.Header, a.event)
	effects := r.feed(CommandArrived{a.event})
	r.stories.accepted(began, a.event, r.machine.expected > expected)
	return effects
}

// receive takes commands from the log until the context ends or the channel is gone.
func (r *runtime) receive(ctx context.Context, commands *stream.Commands) {
	defer func() { commands.Close() }()
	for {
		batch, err := commands.Next(ctx)
		if errors.As(err, new(*stream.Incarnation)) {
			commands.Close()
			var again *stream.Commands
			if again, err = r.log.Commands(ctx, r.Settings.Cluster); err == nil {
				r.Config.Log.Warn("the log was restored; asking for the whole desired state again")
				commands = again
				r.give(ctx, Renewed{})
				continue
			}
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.give(ctx, closed{err})
			return
		}
		for _, c := range batch {
			e, err := c.Event()
			r.give(ctx, arrival{c, e, err})
		}
	}
}

// watch passes hints on and watches again after every break.
func (r *runtime) watch(ctx context.Context) {
	hint := func() {
		select {
		case r.hints <- struct{}{}:
		default: // one is waiting already
		}
	}
	for tries := 0; ; tries++ {
		began := time.Now()
		err := r.orchestrator.Watch(ctx, hint)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > lastWait {
			tries = 0
		}
		r.Config.Log.Warn("the watch on the cluster ended; watching again", "error", err)
		hint()
		select {
		case <-time.After(backOff(tries)):
		case <-ctx.Done():
			return
		}
	}
}
