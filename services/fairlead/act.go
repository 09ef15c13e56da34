package fairlead

import (
	"context"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
)

// act is the state of a small subcommand: read reads its arguments and flags, do does
// it on a connection.
type act struct {
	*Session
	out  output.Printer
	read func(args []string) error // nil: nothing to read
	do   func(ctx context.Context, f *fleet) error
}

// Complete checks the format and reads the arguments.
func (o *act) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil || o.read == nil {
		return err
	}
	return exit.With(exit.Usage, o.read(args))
}

// Validate has nothing to refuse: read did.
func (o *act) Validate() error { return nil }

// Run connects and does it.
func (o *act) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	return o.do(ctx, f)
}

// say publishes what an operator sets and tells its place in the log.
func (o *act) say(ctx context.Context, f *fleet, p event.Payload) error {
	if err := p.Validate(); err != nil {
		return exit.With(exit.Usage, err)
	}
	log, err := f.log(ctx)
	if err != nil {
		return err
	}
	seq, err := publish(ctx, log, asOperator(log), p)
	if err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(map[string]any{"type": p.EventType(), "position": seq, "data": p})
	}
	who := p.Entity()
	if who == "" {
		who = "fleet"
	}
	return o.out.Linef("%s  %s  at %d", who, output.Clean(summaryTail(p)), seq)
}

// rows prints a list: as values for programs, else as a table, else what to do when
// there is nothing.
func rows[T any](o *act, all []T, table output.Rows, nothing string) error {
	if o.out.Structured() {
		return o.out.Value(append([]T{}, all...))
	}
	if len(all) == 0 {
		return o.talk().Linef("%s", nothing)
	}
	return o.out.Table(table)
}
