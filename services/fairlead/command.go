package fairlead

import (
	"context"
	"fmt"

	"fairlead.dev/services/fairlead/exit"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// options is a subcommand's own state: its flags are bound first, then Complete
// fills in what follows from arguments and environment, Validate refuses what
// cannot work, and Run does it.
type options interface {
	Complete(args []string) error
	Validate() error
	Run(ctx context.Context) error
}

// spec is what a subcommand's help says.
type spec struct {
	use      string // name and arguments, as in "explain WORKLOAD"
	about    string // one sentence
	detail   string // at most three more lines, where the flags do not say it all
	examples [3]string
	exits    []exit.Code // besides 0 and 2, which every command has
	see      []string
	server   bool // it talks to a server: the connection flags apply
	args     cobra.PositionalArgs
}

// group is a titled set of flags in the help.
type group struct {
	title string
	flags *pflag.FlagSet
}

// command makes the cobra command of a subcommand.
func command(s spec, o options, groups ...group) *cobra.Command {
	c := &cobra.Command{
		Use:               s.use,
		Short:             s.about,
		Args:              arguments(s.args),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.Complete(args); err != nil {
				return err
			}
			if err := o.Validate(); err != nil {
				return exit.With(codeOr(err, exit.Usage), err)
			}
			return o.Run(c.Context())
		},
	}
	for _, g := range groups {
		c.Flags().AddFlagSet(g.flags)
	}
	c.Flags().SortFlags = false
	c.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), help(c, s, groups)) })
	return c
}

// codeOr keeps the code that an error carries.
func codeOr(err error, otherwise exit.Code) exit.Code {
	if code := exit.Of(err); code != exit.Failure {
		return code
	}
	return otherwise
}

// arguments turns cobra's refusal of arguments into a usage error.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		check = cobra.NoArgs
	}
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return exit.Errorf(exit.Usage, "usage: %s (see `%s --help`)", c.UseLine(), c.CommandPath())
		}
		return nil
	}
}

// flags makes one group.
func flags(title string, bind func(*pflag.FlagSet)) group {
	f := pflag.NewFlagSet(title, pflag.ContinueOnError)
	f.SortFlags = false
	bind(f)
	return group{title, f}
}
