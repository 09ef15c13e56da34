package fairlead

import (
	"context"

	"fairlead.dev/services/fairlead/connection"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
)

func newContext(s *Session) *cobra.Command {
	return parent("context", "Show the contexts of the nats tool; they are read, never written.",
		newContextList(s), newContextShow(s))
}

type contextOptions struct {
	*Session
	name string
	out  output.Printer
}

func newContextList(s *Session) *cobra.Command {
	o := &contextOptions{Session: s}
	return command(spec{
		use:   "ls",
		about: "List the contexts that --context can name.",
		examples: [3]string{
			"fairlead context ls",
			"fairlead context ls -o json",
			"XDG_CONFIG_HOME=/etc/fleet fairlead context ls",
		},
		see: []string{"fairlead context show", "fairlead help connection", "nats context"},
	}, o)
}

func newContextShow(s *Session) *cobra.Command {
	o := &contextOptions{Session: s}
	return command(spec{
		use:   "show NAME",
		about: "Show one context without its secrets.",
		examples: [3]string{
			"fairlead context show prod",
			"fairlead context show prod -o json",
			"fairlead get --context prod",
		},
		see:  []string{"fairlead context ls", "fairlead help connection", "nats context"},
		args: cobra.ExactArgs(1),
	}, o)
}

// Complete takes the name.
func (o *contextOptions) Complete(args []string) (err error) {
	if len(args) > 0 {
		o.name = args[0]
	}
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *contextOptions) Validate() error { return nil }

// Run reads the files of the nats tool.
func (o *contextOptions) Run(context.Context) error {
	if o.name != "" {
		c, err := connection.ReadContext(o.name, o.Getenv)
		if err != nil {
			return err
		}
		if o.out.Structured() {
			return o.out.Value(c)
		}
		return o.out.Table(contextRows([]connection.Context{c}))
	}
	all, broken, err := connection.Contexts(o.Getenv)
	if err != nil {
		return err
	}
	for _, name := range broken {
		_ = o.talk().Linef("fairlead: context %s cannot be read", output.Clean(name))
	}
	if o.out.Structured() {
		return o.out.Value(append([]connection.Context{}, all...))
	}
	if len(all) == 0 {
		return o.talk().Linef("no contexts; `nats context add NAME` makes one")
	}
	return o.out.Table(contextRows(all))
}

func contextRows(all []connection.Context) output.Rows {
	rows := output.Rows{Columns: []output.Column{{Name: "context"}, {Name: "url"}, {Name: "identity"}, {Name: "description"}, {Name: "file", Wide: true}}}
	for _, c := range all {
		rows.Add(c.Name, dash(c.URL), c.Identity, c.Description, c.File)
	}
	return rows
}
