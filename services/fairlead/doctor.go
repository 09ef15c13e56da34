package fairlead

import (
	"context"

	"fairlead.dev/services/fairlead/doctor"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
)

type doctorOptions struct {
	*Session
	out output.Printer
}

func newDoctor(s *Session) *cobra.Command {
	o := &doctorOptions{Session: s}
	return command(spec{
		use:    "doctor",
		about:  "Examine a federation: server, streams, placement, agents, dead letters, clock; change nothing.",
		detail: "With the credentials of a reader, what only operators see is listed as hidden.",
		examples: [3]string{
			"fairlead doctor",
			"fairlead doctor --context prod",
			"fairlead doctor -o json | jq '.[] | select(.grade != \"ok\")'",
		},
		exits:  []exit.Code{exit.Forbidden, exit.Unreachable, exit.Partial},
		see:    []string{"fairlead setup", "fairlead clusters ls", "fairlead deadletters ls"},
		server: true,
	}, o)
}

// Complete checks the format.
func (o *doctorOptions) Complete([]string) (err error) {
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *doctorOptions) Validate() error { return nil }

// Run examines; it exits with 8 when anything is not as it should be.
func (o *doctorOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	findings := doctor.Examine(ctx, f.nc, f.id, o.timeout)
	if err := o.print(findings); err != nil {
		return err
	}
	for _, found := range findings {
		if found.Grade == doctor.Warn || found.Grade == doctor.Bad {
			return exit.Quietly(exit.Partial)
		}
	}
	return nil
}

func (o *doctorOptions) print(findings []doctor.Finding) error {
	if o.out.Structured() {
		return o.out.Value(findings)
	}
	rows := output.Rows{Columns: []output.Column{{Name: "check"}, {Name: "state"}, {Name: "detail"}}}
	for _, f := range findings {
		rows.Add(f.Check, string(f.Grade), f.Detail)
	}
	return o.out.Table(rows)
}
