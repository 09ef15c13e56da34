package fairlead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	defaultWait = 5 * time.Minute
	askEvery    = 200 * time.Millisecond
)

// goal is what a wait is for.
type goal string

const (
	goalReady   goal = "ready"
	goalDecided goal = "decided"
	goalGone    goal = "gone"
)

type waitOptions struct {
	*Session
	id    event.WorkloadID
	what  string
	limit time.Duration
}

func newWait(s *Session) *cobra.Command {
	o := &waitOptions{Session: s}
	return command(spec{
		use:   "wait WORKLOAD",
		about: "Wait until a workload is ready, decided or gone.",
		examples: [3]string{
			"fairlead wait shop/web",
			"fairlead wait shop/web --for decided --timeout 10s",
			"fairlead withdraw shop/web && fairlead wait shop/web --for gone",
		},
		exits:  with(exit.Unplaceable, exit.NotFound, exit.TimedOut, exit.Interrupted),
		see:    []string{"fairlead describe", "fairlead explain", "fairlead submit --wait"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Waiting", func(f *pflag.FlagSet) {
		f.StringVar(&o.what, "for", string(goalReady), "`GOAL`: ready, decided or gone")
		f.DurationVar(&o.limit, "timeout", defaultWait, "longest `DURATION` to wait")
	}))
}

// Complete reads the workload's name.
func (o *waitOptions) Complete(args []string) (err error) {
	o.id, err = o.workloadID(args[0])
	return err
}

// Validate checks the goal and the limit.
func (o *waitOptions) Validate() error {
	switch goal(o.what) {
	case goalReady, goalDecided, goalGone:
	default:
		return fmt.Errorf("--for %q: want ready, decided or gone", o.what)
	}
	if o.limit <= 0 {
		return fmt.Errorf("--timeout %s: want more than nothing", o.limit)
	}
	return nil
}

// Run waits.
func (o *waitOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	w := waiting{ask: f.ask, id: o.id, goal: goal(o.what), limit: o.limit, watched: o.Watched}
	return w.run(ctx, o.talk())
}

// waiting asks until a workload is where it is wanted.
type waiting struct {
	ask        *query.Client
	id         event.WorkloadID
	goal       goal
	generation uint64 // not before this one; 0 takes any that is known
	limit      time.Duration
	watched    bool // tell every change on the way
}

// run waits and tells the outcome on stderr.
func (w waiting) run(ctx context.Context, talk output.Printer) error {
	limited, cancel := context.WithTimeoutCause(ctx, w.limit, errWaited)
	defer cancel()
	again := time.NewTicker(askEvery)
	defer again.Stop()
	last := "not known yet"
	for {
		view, err := w.look(limited)
		switch {
		case context.Cause(limited) != nil:
			return w.ended(ctx, last)
		case err != nil:
			return err
		}
		done, err := w.reached(view)
		if done || err != nil {
			if err == nil {
				_ = talk.Linef("%s  %s", w.id, status(view))
			}
			return err
		}
		if view != nil && status(view) != last {
			last = status(view)
			w.progress(talk, last)
		}
		select {
		case <-again.C:
		case <-limited.Done():
			return w.ended(ctx, last)
		}
	}
}

// progress tells a person how far it is; a program would only have to skip it.
func (w waiting) progress(talk output.Printer, now string) {
	if w.watched {
		_ = talk.Linef("%s  %s", w.id, now)
	}
}

var errWaited = errors.New("the wait is over")

func (w waiting) ended(ctx context.Context, last string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return exit.Errorf(exit.TimedOut, "%s is not %s after %s: %s", w.id, w.goal, w.limit, last)
}

// look gives the workload, nil when it is not known; a workload just submitted may
// not be known yet.
func (w waiting) look(ctx context.Context) (*scheduler.WorkloadView, error) {
	view, _, err := w.ask.Workload(ctx, w.id)
	if errors.As(err, new(*query.NotFound)) && (w.goal == goalGone || w.generation > 0) {
		return nil, nil
	}
	if err != nil {
		return nil, answered(err, "workload "+w.id.String())
	}
	return &view, nil
}

// reached says whether the goal is met; the error says that it never will be.
func (w waiting) reached(v *scheduler.WorkloadView) (bool, error) {
	if v == nil {
		return w.goal == goalGone, nil
	}
	if w.generation > 0 && v.RolledBack >= w.generation {
		return false, exit.Errorf(exit.Unplaceable, "%s was not ready in time as generation %d; generation %d runs again: %s", w.id, v.RolledBack, v.Generation, status(v))
	}
	if err := stalePlan(v, w.generation); err != nil {
		return false, err
	}
	if w.goal == goalGone || v.Generation < w.generation {
		return false, nil
	}
	decided := v.Phase != scheduler.PhasePending
	if v.Phase == scheduler.PhaseRefused && w.goal == goalReady {
		return false, exit.Errorf(exit.Unplaceable, "%s can never be placed as it is written: %s", w.id, status(v))
	}
	if w.goal == goalDecided {
		return decided, nil
	}
	return v.Phase == scheduler.PhaseReady || v.Phase == scheduler.PhaseCompleted, nil
}

// status sums a workload up in one line.
func status(v *scheduler.WorkloadView) string {
	if v == nil {
		return "gone"
	}
	ready, wanted := counts(*v)
	text := fmt.Sprintf("%s, %d of %d ready", v.Phase, ready, wanted)
	for _, r := range v.Refusals {
		text += "; " + output.Clean(refusal(r))
	}
	return text
}
