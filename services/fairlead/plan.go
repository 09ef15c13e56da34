package fairlead

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

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
	save string
	out  output.Printer
}

func newPlan(s *Session) *cobra.Command {
	o := &planOptions{Session: s}
	return command(spec{
		use:   "plan -f FILE",
		about: "Show where workloads would be placed now, cluster by cluster, and change nothing.",
		detail: "What is shown can be applied exactly, or not at all, by its id: it is kept for a week in $XDG_STATE_HOME/fairlead/plans\n" +
			"(~/.local/state), by nobody else and on no server. --save writes it to a file, to be carried elsewhere.",
		examples: [3]string{
			"fairlead plan -f web.yaml",
			"fairlead plan -f web.yaml --exit-code",
			"fairlead plan -f web.yaml --save web.plan && fairlead submit -f web.yaml --plan web.plan",
		},
		exits:  with(exit.Unplaceable, exit.WouldChange),
		see:    []string{"fairlead submit", "fairlead explain", "fairlead simulate"},
		server: true,
		args:   cobra.ArbitraryArgs,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		o.bind(f)
		f.StringVar(&o.save, "save", "", "write the plan to this `FILE` for submit --plan")
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
	AgeMillis int64  `json:"ageMillis"`
	Plan      string `json:"plan,omitempty"` // id for submit --plan; empty where there is nothing to apply
	spec      *event.WorkloadSubmitted
	against   uint64 // generation of the workload that stands
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
		p := planned{Explanation: explanation, AgeMillis: asked.Age.Milliseconds(), spec: d.Workload}
		if err := o.compare(ctx, f, &p); err != nil {
			return err
		}
		plans = append(plans, p)
	}
	if err := o.keep(plans); err != nil {
		return err
	}
	if err := o.print(plans); err != nil {
		return err
	}
	return o.outcome(plans)
}

// compare says whether submitting would change anything, and against which generation
// the plan was made. The core decides on every new generation, also on one that
// repeats the last; to a person that is no change.
func (o *planOptions) compare(ctx context.Context, f *fleet, p *planned) error {
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	now, _, err := f.ask.Workload(ctx, p.spec.ID())
	if errors.As(err, new(*query.NotFound)) {
		p.Changed = true
		return nil
	}
	if err != nil {
		return answered(err, "workload "+p.spec.ID().String())
	}
	moves := slices.ContainsFunc(p.Clusters, func(c scheduler.ClusterChecks) bool { return c.Held != c.Replicas })
	now.Spec.Plan = nil // how it came about, not what is wanted
	p.Changed = moves || now.Withdrawn || !same(&now.Spec, p.spec)
	p.against = against(p.Explanation, now.Withdrawn)
	return nil
}

// keep keeps what can be applied and gives it its id. A folder that cannot be written
// takes nothing away from the plan that is shown.
func (o *planOptions) keep(plans []planned) error {
	plan, ok, err := keepable(plans, time.Now())
	if err != nil || !ok {
		return err
	}
	name := plan.ID
	if o.save != "" {
		name = o.save
		err = plan.Write(o.save)
	} else if failed := plan.Keep(o.plansFolder()); failed != nil {
		return o.talk().Linef("fairlead: the plan cannot be kept (use --save FILE): %v", failed)
	}
	for i := range plans {
		plans[i].Plan = name
	}
	return exit.With(exit.Usage, err)
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
		if err := printPlan(o.out, p, i == len(plans)-1, o.names); err != nil {
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
