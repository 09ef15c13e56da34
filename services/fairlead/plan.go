package fairlead

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type planOptions struct {
	*Session
	files
	code bool
	out  output.Printer
}

func newPlan(s *Session) *cobra.Command {
	o := &planOptions{Session: s}
	return command(spec{
		use:   "plan -f FILE",
		about: "Show where workloads would be placed now, cluster by cluster, and change nothing.",
		examples: [3]string{
			"fairlead plan -f web.yaml",
			"fairlead plan -f web.yaml --exit-code",
			"fairlead plan -f - -o json < web.yaml",
		},
		exits:  with(exit.Unplaceable, exit.WouldChange),
		see:    []string{"fairlead submit", "fairlead explain", "fairlead simulate"},
		server: true,
		args:   cobra.ArbitraryArgs,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		o.bind(f)
		f.BoolVar(&o.code, "exit-code", false, "exit with 10 if submitting would change anything")
	}))
}

// Complete reads the files.
func (o *planOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	return o.read(o.Session, args)
}

// Validate has nothing to refuse.
func (o *planOptions) Validate() error { return nil }

// planned is an explanation with the age of the state it was made from.
type planned struct {
	scheduler.Explanation
	AgeMillis int64 `json:"ageMillis"`
	spec      *event.WorkloadSubmitted
}

// Run plans every workload against the state of now; one workload's plan does not
// reckon with the others.
func (o *planOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	var plans []planned
	for _, d := range o.docs {
		bounded, cancel := o.bounded(ctx)
		explanation, asked, err := f.ask.Plan(bounded, d.Workload)
		cancel()
		if err != nil {
			return answered(err, "a plan for "+d.Workload.ID().String())
		}
		explanation.Changed, err = o.changes(ctx, f, d.Workload, explanation)
		if err != nil {
			return err
		}
		plans = append(plans, planned{explanation, asked.Age.Milliseconds(), d.Workload})
	}
	if err := o.print(plans); err != nil {
		return err
	}
	return o.outcome(plans)
}

// changes says whether submitting would change anything. The core decides on every
// new generation, also on one that repeats the last; to a person that is no change.
func (o *planOptions) changes(ctx context.Context, f *fleet, w *event.WorkloadSubmitted, e scheduler.Explanation) (bool, error) {
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	now, _, err := f.ask.Workload(ctx, w.ID())
	if errors.As(err, new(*query.NotFound)) {
		return true, nil
	}
	if err != nil {
		return false, answered(err, "workload "+w.ID().String())
	}
	moves := slices.ContainsFunc(e.Clusters, func(c scheduler.ClusterChecks) bool { return c.Held != c.Replicas })
	return moves || now.Withdrawn || !same(&now.Spec, w), nil
}

// same compares what would be written, in which nil and empty are one.
func same(a, b *event.WorkloadSubmitted) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

func (o *planOptions) print(plans []planned) error {
	if o.out.Structured() {
		return o.out.Value(plans)
	}
	for i, p := range plans {
		if i > 0 {
			if err := o.out.Linef(""); err != nil {
				return err
			}
		}
		if err := printPlan(o.out, p, "fairlead submit -f "+o.docs[i].File); err != nil {
			return err
		}
	}
	return nil
}

// outcome gives the exit code: nothing placeable weighs more than a change.
func (o *planOptions) outcome(plans []planned) error {
	changed := false
	for _, p := range plans {
		if p.Replicas > 0 && (p.Verdict == event.VerdictHeld || p.Verdict == event.VerdictRefused) {
			return exit.Quietly(exit.Unplaceable)
		}
		changed = changed || p.Changed
	}
	if changed && o.code {
		return exit.Quietly(exit.WouldChange)
	}
	return nil
}
