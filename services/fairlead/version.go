package fairlead

import (
	"context"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
)

type versionOptions struct {
	*Session
	out output.Printer
}

func newVersion(s *Session) *cobra.Command {
	o := &versionOptions{Session: s}
	return command(spec{
		use:      "version",
		about:    "Print what this binary was made from and the engine that decides in it.",
		examples: [3]string{"fairlead version", "fairlead version -o json", "fairlead version -o json | jq -r .version"},
		see:      []string{"fairlead doctor"},
	}, o)
}

// Complete checks the format.
func (o *versionOptions) Complete([]string) (err error) {
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *versionOptions) Validate() error { return nil }

// Run prints.
func (o *versionOptions) Run(context.Context) error {
	b := daemon.BuildInfo()
	if o.out.Structured() {
		return o.out.Value(struct {
			daemon.Build
			Engine string `json:"engine"`
		}{b, scheduler.Engine})
	}
	return o.out.Linef("fairlead %s (engine %s, %s, %s)", b.Version, scheduler.Engine, b.Go, b.Platform)
}
