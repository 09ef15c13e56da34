package fairlead

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"fairlead.dev/services/fairlead/simulate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type simulateOptions struct {
	*Session
	file string
	all  bool
	then time.Duration
	out  output.Printer
}

func newSimulate(s *Session) *cobra.Command {
	o := &simulateOptions{Session: s}
	return command(spec{
		use:    "simulate EVENTS.ndjson",
		about:  "Decide offline: CloudEvents in, one a line, decisions out; no server, the same bytes each time.",
		detail: "Time is the events' own. With -o table a summary of the workloads follows in place of the records.",
		examples: [3]string{
			"fairlead simulate events.ndjson",
			"fairlead simulate events.ndjson --all --then 2m",
			"fairlead tail --since 1h --no-follow -o json | fairlead simulate - -o table",
		},
		exits: []exit.Code{exit.Failure, exit.Interrupted},
		see:   []string{"fairlead plan", "fairlead tail", "fairlead schema"},
		args:  cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.BoolVar(&o.all, "all", false, "print commands, liveness and ticks too, not the decisions alone")
		f.DurationVar(&o.then, "then", 0, "let this `DURATION` pass after the last event")
	}))
}

// Complete takes the file; records are JSON unless asked otherwise.
func (o *simulateOptions) Complete(args []string) (err error) {
	o.file = args[0]
	if o.out, err = o.printer(); err != nil {
		return err
	}
	if o.format == "" {
		o.out.Format = output.JSON
	}
	return nil
}

// Validate refuses time that runs back.
func (o *simulateOptions) Validate() error {
	if o.then < 0 {
		return exit.Errorf(exit.Usage, "--then %s: time does not run back", o.then)
	}
	return nil
}

// Run simulates.
func (o *simulateOptions) Run(ctx context.Context) error {
	in, name, err := o.open()
	if err != nil {
		return err
	}
	defer in.Close()
	sum, err := simulate.Run(ctx, simulate.Config{File: name, In: in, Then: o.then, Emit: o.emit})
	if errors.As(err, new(*simulate.LineError)) {
		return exit.With(exit.Usage, err)
	}
	if err != nil {
		return err
	}
	if sum.Gaps > 0 {
		_ = o.talk().Linef("fairlead: %s has %d gaps; what was in them is missing here", name, sum.Gaps)
	}
	if o.out.Structured() {
		return nil
	}
	if err := o.talk().Linef("%d events, %d records (%d of placement in the input passed over)", sum.Events, sum.Records, sum.Skipped); err != nil {
		return err
	}
	return o.out.Table(workloadRows(sum.Workloads))
}

func (o *simulateOptions) open() (io.ReadCloser, string, error) {
	if o.file == "-" {
		return io.NopCloser(o.In), "stdin", nil
	}
	f, err := os.Open(o.file)
	return f, o.file, err
}

// emit prints a record in the stream formats.
func (o *simulateOptions) emit(e event.Event) error {
	_, decision := e.Data.(*event.PlacementDecided)
	if !o.out.Structured() || !(decision || o.all) {
		return nil
	}
	return o.out.Item(asJSON(e))
}
