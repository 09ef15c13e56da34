package fairlead

import (
	"context"
	"fmt"
	"strings"

	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type setupOptions struct {
	*Session
	replicas int
	scale    float64
	out      output.Printer
}

func newSetup(s *Session) *cobra.Command {
	o := &setupOptions{Session: s}
	return command(spec{
		use:    "setup",
		about:  "Make the streams of the log that are missing; nothing that exists is changed or deleted.",
		detail: "What exists with other settings is reported, for you to judge.",
		examples: [3]string{
			"fairlead setup",
			"fairlead setup --context prod --replicas 3",
			"fairlead setup --scale 0.1 -o json",
		},
		exits:  with(exit.Partial),
		see:    []string{"fairlead doctor", "fairlead run placement", "fairlead clusters join"},
		server: true,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.IntVar(&o.replicas, "replicas", 1, "`N` copies of each stream: 1 or 3")
		f.Float64Var(&o.scale, "scale", 1, "`FACTOR` on the size limits of the streams")
	}))
}

// Complete checks the format.
func (o *setupOptions) Complete([]string) (err error) {
	o.out, err = o.printer()
	return err
}

func (o *setupOptions) options() stream.Options {
	return stream.Options{Replicas: o.replicas, Scale: o.scale, Log: quiet()}
}

// Validate refuses what no server would accept.
func (o *setupOptions) Validate() error { return o.options().Validate() }

// Run makes what is missing; it exits with 8 when something has other settings.
func (o *setupOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	js, err := jetstream.New(f.nc)
	if err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	report, err := stream.Setup(ctx, js, o.options())
	if err != nil {
		return fmt.Errorf("set the log up: %w", err)
	}
	if err := o.print(report); err != nil {
		return err
	}
	if !report.Same() {
		return exit.Quietly(exit.Partial)
	}
	return nil
}

// partView is one stream or store as it is printed.
type partView struct {
	Name        string   `json:"name"`
	State       string   `json:"state"` // created, ok, differs or missing
	Differences []string `json:"differences,omitempty"`
}

func partOf(p stream.Part) partView {
	state := "ok"
	switch {
	case p.Missing:
		state = "missing"
	case p.Created:
		state = "created"
	case len(p.Differences) > 0:
		state = "differs"
	}
	return partView{p.Name, state, p.Differences}
}

func (o *setupOptions) print(report stream.Report) error {
	var all []partView
	rows := output.Rows{Columns: []output.Column{{Name: "store"}, {Name: "state"}, {Name: "differences"}}}
	for _, p := range report.Parts {
		v := partOf(p)
		all = append(all, v)
		rows.Add(v.Name, v.State, strings.Join(v.Differences, "; "))
	}
	if o.out.Structured() {
		return o.out.Value(all)
	}
	return o.out.Table(rows)
}
