package fairlead

import (
	"context"
	"errors"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type withdrawOptions struct {
	*Session
	ids    []event.WorkloadID
	reason string
	wait   bool
	limit  time.Duration
	out    output.Printer
}

func newWithdraw(s *Session) *cobra.Command {
	o := &withdrawOptions{Session: s}
	return command(spec{
		use:   "withdraw WORKLOAD...",
		about: "Withdraw workloads: they end on every cluster.",
		examples: [3]string{
			"fairlead withdraw shop/web",
			"fairlead withdraw shop/web shop/cart --reason 'season is over'",
			"fairlead withdraw web --tenant shop --wait --timeout 1m",
		},
		exits:  with(exit.NotFound, exit.TimedOut, exit.Interrupted),
		see:    []string{"fairlead submit", "fairlead wait", "fairlead clusters drain"},
		server: true,
		args:   cobra.MinimumNArgs(1),
	}, o,
		flags("Flags", func(f *pflag.FlagSet) {
			f.StringVar(&o.reason, "reason", "", "`TEXT` kept with the withdrawal")
			f.BoolVarP(&o.wait, "wait", "w", false, "wait until no replica is left")
			f.DurationVar(&o.limit, "timeout", defaultWait, "longest `DURATION` to wait")
		}))
}

// Complete reads the names.
func (o *withdrawOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	for _, arg := range args {
		id, err := o.workloadID(arg)
		if err != nil {
			return err
		}
		o.ids = append(o.ids, id)
	}
	return nil
}

// Validate has nothing to refuse.
func (o *withdrawOptions) Validate() error { return nil }

// Run publishes a withdrawal for each workload, after all are known to exist.
func (o *withdrawOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if err := o.exist(ctx, f); err != nil {
		return err
	}
	log, err := f.log(ctx)
	if err != nil {
		return err
	}
	var done []submitted
	for _, id := range o.ids {
		seq, err := publish(ctx, log, asSubmitter(log, id.Tenant),
			&event.WorkloadWithdrawn{Tenant: id.Tenant, Name: id.Name, Reason: o.reason})
		if err != nil {
			return err
		}
		done = append(done, submitted{Workload: id.String(), Generation: seq})
	}
	if err := o.print(done); err != nil || !o.wait {
		return err
	}
	return o.await(ctx, f)
}

// exist refuses names that are not known. Without an answer the withdrawal goes
// ahead: the log takes it whether placement runs or not.
func (o *withdrawOptions) exist(ctx context.Context, f *fleet) error {
	for _, id := range o.ids {
		bounded, cancel := o.bounded(ctx)
		_, _, err := f.ask.Workload(bounded, id)
		cancel()
		if errors.As(err, new(*query.Unreachable)) {
			return o.talk().Linef("fairlead: the placement service does not answer; withdrawn without asking whether %s exists", id)
		}
		if err != nil {
			return answered(err, "workload "+id.String())
		}
	}
	return nil
}

func (o *withdrawOptions) print(all []submitted) error {
	if o.out.Structured() {
		return o.out.Value(all)
	}
	for _, s := range all {
		if err := o.out.Linef("%s  withdrawn at %d", s.Workload, s.Generation); err != nil {
			return err
		}
	}
	return nil
}

func (o *withdrawOptions) await(ctx context.Context, f *fleet) error {
	for _, id := range o.ids {
		w := waiting{ask: f.ask, id: id, goal: goalGone, limit: o.limit, watched: o.Watched}
		if err := w.run(ctx, o.talk()); err != nil {
			return err
		}
	}
	return nil
}
