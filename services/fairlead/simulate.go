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
	"fairlead.dev/services/fairlead/workfile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type simulateOptions struct {
	*Session
	file   string
	all    bool
	live   bool
	at     string
	record uint64 // of at, 0 for now
	then   time.Duration
	policy string
	lose   []string
	what   simulate.WhatIf
	out    output.Printer
}

func newSimulate(s *Session) *cobra.Command {
	o := &simulateOptions{Session: s}
	return command(spec{
		use:    "simulate [EVENTS.ndjson]",
		about:  "Decide offline: CloudEvents in, one a line, decisions out; or, with --live, ask what would become of the federation.",
		detail: "Time is the events' own; the same input gives the same bytes. With --lose, --policy or --live the difference is printed.",
		examples: [3]string{
			"fairlead simulate --live --lose eu-1",
			"fairlead simulate events.ndjson --policy cheaper.yaml",
			"fairlead tail --since 1h --no-follow -o json | fairlead simulate - --lose eu-1@400",
		},
		exits: with(exit.NotFound, exit.Interrupted),
		see:   []string{"fairlead plan", "fairlead policy set", "fairlead tail", "fairlead schema"},
		args:  cobra.MaximumNArgs(1),
	}, o, flags("What if", func(f *pflag.FlagSet) {
		f.BoolVar(&o.live, "live", false, "go on from the federation as it is now; nothing is written there")
		f.StringVar(&o.at, "at", "", "with --live: go on from before this `DECISION`")
		f.StringArrayVar(&o.lose, "lose", nil, "`CLUSTER[@N]` falls silent for good, after the Nth event (the last); repeatable")
		f.StringVar(&o.policy, "policy", "", "`FILE` with a policy of the fleet, in place of those that were set")
	}), flags("Flags", func(f *pflag.FlagSet) {
		f.BoolVar(&o.all, "all", false, "print commands, liveness and ticks too, not the decisions alone")
		f.DurationVar(&o.then, "then", 0, "let this `DURATION` pass after the last event")
	}))
}

// Complete takes the file; records are JSON unless asked otherwise.
func (o *simulateOptions) Complete(args []string) (err error) {
	if len(args) > 0 {
		o.file = args[0]
	}
	if o.out, err = o.printer(); err != nil {
		return err
	}
	if o.format == "" && !o.asks() {
		o.out.Format = output.JSON
	}
	for _, text := range o.lose {
		l, err := simulate.ParseLoss(text)
		if err != nil {
			return exit.Errorf(exit.Usage, "--lose %s: %w", text, err)
		}
		o.what.Lose = append(o.what.Lose, l)
	}
	if o.at != "" {
		if o.record, err = decisionNumber(o.at); err != nil {
			return err
		}
	}
	if o.policy != "" {
		o.what.Policy, err = workfile.ReadPolicy(o.policy, o.In)
	}
	return exit.With(exit.Usage, err)
}

// asks says whether a difference is wanted, and not the records.
func (o *simulateOptions) asks() bool { return o.live || len(o.lose) > 0 || o.policy != "" }

// Validate refuses time that runs back and what excludes each other.
func (o *simulateOptions) Validate() error {
	switch {
	case o.then < 0:
		return exit.Errorf(exit.Usage, "--then %s: time does not run back", o.then)
	case o.live == (o.file != ""):
		return exit.Errorf(exit.Usage, "give a file of events, - for stdin, or --live")
	case o.live && len(o.lose) == 0 && o.policy == "":
		return exit.Errorf(exit.Usage, "--live: what if? give --lose CLUSTER or --policy FILE")
	case o.at != "" && !o.live:
		return exit.Errorf(exit.Usage, "--at goes with --live")
	case o.policy == "-" && o.file == "-":
		return exit.Errorf(exit.Usage, "events and policy cannot both be on stdin")
	}
	for _, l := range o.what.Lose {
		if o.live && l.At > 0 {
			return exit.Errorf(exit.Usage, "--lose %s@%d: with --live, --at DECISION says when", l.Cluster, l.At)
		}
	}
	return nil
}

// Run simulates.
func (o *simulateOptions) Run(ctx context.Context) error {
	switch {
	case o.live:
		return o.fromLive(ctx)
	case o.asks():
		return o.difference(ctx)
	}
	in, name, err := o.open()
	if err != nil {
		return err
	}
	defer in.Close()
	sum, err := simulate.Run(ctx, simulate.Config{File: name, In: in, Then: o.then, Emit: o.emit})
	if err != nil {
		return simulated(err)
	}
	o.gaps(name, sum)
	if o.out.Structured() {
		return nil
	}
	if err := o.talk().Linef("%d events, %d records (%d of placement in the input passed over)", sum.Events, sum.Records, sum.Skipped); err != nil {
		return err
	}
	return o.out.Table(workloadRows(sum.Workloads))
}

func (o *simulateOptions) gaps(name string, sum simulate.Summary) {
	if sum.Gaps > 0 {
		_ = o.talk().Linef("fairlead: %s has %d gaps; what was in them is missing here", name, sum.Gaps)
	}
}

// simulated gives errors of a simulation their exit codes.
func simulated(err error) error {
	if errors.As(err, new(*simulate.LineError)) {
		return exit.With(exit.Usage, err)
	}
	if errors.As(err, new(*simulate.Unknown)) {
		return exit.With(exit.NotFound, err)
	}
	return err
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
