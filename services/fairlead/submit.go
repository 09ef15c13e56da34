package fairlead

import (
	"context"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"fairlead.dev/services/fairlead/workfile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// files is the flag -f and what was read through it; submit and plan share it.
type files struct {
	names []string
	docs  []workfile.Document
}

func (f *files) bind(set *pflag.FlagSet) {
	set.StringArrayVarP(&f.names, "file", "f", nil, "`FILE` or folder with workloads, - for stdin; repeatable")
}

// read is the Complete of commands with -f: files named without -f count too.
func (f *files) read(s *Session, args []string) error {
	f.names = append(f.names, args...)
	if len(f.names) == 0 {
		return exit.Errorf(exit.Usage, "no file given: use -f FILE, or -f - for stdin")
	}
	docs, err := workfile.Read(f.names, s.In, s.tenantName())
	if err != nil {
		return exit.With(codeOr(err, exit.Usage), err)
	}
	f.docs = docs
	return nil
}

type submitOptions struct {
	*Session
	files
	plan   string
	dryRun bool
	wait   bool
	limit  time.Duration
	out    output.Printer
}

func newSubmit(s *Session) *cobra.Command {
	o := &submitOptions{Session: s}
	return command(spec{
		use:   "submit -f FILE",
		about: "Submit workloads: the log keeps them, placement decides where they run.",
		examples: [3]string{
			"fairlead submit -f web.yaml",
			"fairlead submit -f web.yaml --plan p_7Q2M4XKD --wait",
			"cat web.yaml | fairlead submit -f - --dry-run -o json",
		},
		exits:  with(exit.Unplaceable, exit.StalePlan, exit.NotFound, exit.TimedOut, exit.Interrupted),
		see:    []string{"fairlead plan", "fairlead wait", "fairlead schema workload.submitted"},
		server: true,
		args:   cobra.ArbitraryArgs,
	}, o,
		flags("Input", func(f *pflag.FlagSet) {
			o.bind(f)
			f.StringVar(&o.plan, "plan", "", "apply exactly this `PLAN`, an id or a file that plan made, or change nothing and exit 5")
			f.BoolVar(&o.dryRun, "dry-run", false, "check and print the workloads, submit nothing")
		}),
		flags("Waiting", func(f *pflag.FlagSet) {
			f.BoolVarP(&o.wait, "wait", "w", false, "wait until every replica is ready")
			f.DurationVar(&o.limit, "timeout", defaultWait, "longest `DURATION` to wait")
		}))
}

// Complete reads the files.
func (o *submitOptions) Complete(args []string) error {
	p, err := o.printer()
	if err != nil {
		return err
	}
	o.out = p
	if err := o.read(o.Session, args); err != nil || o.plan == "" {
		return err
	}
	return o.addPlan()
}

// Validate refuses flags that exclude each other.
func (o *submitOptions) Validate() error {
	if o.dryRun && o.wait {
		return exit.Errorf(exit.Usage, "--dry-run submits nothing, so there is nothing to --wait for")
	}
	return nil
}

// submitted is the result for one workload.
type submitted struct {
	Workload   string                   `json:"workload"`
	Generation uint64                   `json:"generation,omitempty"` // position in INTENTS
	DryRun     bool                     `json:"dryRun,omitempty"`
	Spec       *event.WorkloadSubmitted `json:"spec,omitempty"`
}

// Run publishes the workloads in the order of the files.
func (o *submitOptions) Run(ctx context.Context) error {
	if o.dryRun {
		return o.print(o.checked())
	}
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	done, err := o.publish(ctx, log)
	if err != nil {
		_ = o.print(done)
		return err
	}
	if err := o.print(done); err != nil || !o.wait && o.plan == "" {
		return err
	}
	return o.await(ctx, f, done)
}

// publish submits all together; with an error it gives what is known to be stored.
func (o *submitOptions) publish(ctx context.Context, log *stream.Log) ([]submitted, error) {
	tracing, end, err := o.tracing(ctx, "cli")
	if err != nil {
		return nil, err
	}
	defer end()
	spans := tracing.Spans()
	events, told := make([]event.Event, len(o.docs)), make([]submission, len(o.docs))
	for i, d := range o.docs {
		source := asSubmitter(log, d.Workload.Tenant)
		if err := mayPublish(log, source); err != nil {
			return nil, err
		}
		events[i] = fresh(source, d.Workload)
		told[i] = begin(ctx, spans, &events[i])
	}
	seqs, err := log.PublishAll(ctx, events)
	var done []submitted
	for i, s := range told {
		if i >= len(seqs) || seqs[i] == 0 {
			s.end(err)
			continue
		}
		s.end(nil)
		done = append(done, submitted{Workload: o.docs[i].Workload.ID().String(), Generation: seqs[i]})
	}
	return done, err
}

func (o *submitOptions) checked() []submitted {
	all := make([]submitted, len(o.docs))
	for i, d := range o.docs {
		all[i] = submitted{Workload: d.Workload.ID().String(), DryRun: true, Spec: d.Workload}
	}
	return all
}

func (o *submitOptions) print(all []submitted) error {
	if o.out.Structured() {
		return o.out.Value(all)
	}
	for _, s := range all {
		var err error
		if s.DryRun {
			err = o.out.Linef("%s  valid, not submitted", s.Workload)
		} else {
			err = o.out.Linef("%s  submitted as generation %d", s.Workload, s.Generation)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *submitOptions) await(ctx context.Context, f *fleet, done []submitted) error {
	for i, d := range o.docs {
		w := waiting{ask: f.ask, id: d.Workload.ID(), goal: goalReady, generation: done[i].Generation, limit: o.limit, watched: o.Watched}
		if !o.wait {
			w.goal = goalDecided // whether the plan held
		}
		if err := w.run(ctx, o.talk()); err != nil {
			return err
		}
	}
	return nil
}
