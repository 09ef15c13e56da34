package fairlead

import (
	"fmt"
	"time"

	"fairlead.dev/services/fairlead/exit"
	"github.com/spf13/cobra"
)

// section is a titled group of subcommands in the overview.
type section struct {
	title    string
	commands []*cobra.Command
}

// sections is the command tree in the order of the overview.
func sections(s *Session) []section {
	return []section{
		{"Start", []*cobra.Command{newDev(s), newSetup(s), newRun(s), newDoctor(s), newBackup(s), newRestore(s)}},
		{"Workloads", []*cobra.Command{newSubmit(s), newPlan(s), newDiff(s), newGet(s), newDescribe(s), newWait(s), newExplain(s), newHistory(s), newReplay(s), newWithdraw(s), newRelease(s)}},
		{"Settings", []*cobra.Command{newQuota(s), newPrice(s), newPolicy(s), newScore(s)}},
		{"Fleet and log", []*cobra.Command{newClusters(s), newTail(s), newDeadletters(s), newSimulate(s)}},
		{"Who may do what", []*cobra.Command{newAuth(s)}},
		{"Reference", []*cobra.Command{newSchema(s), newContext(s), newCompletion(), newVersion(s)}},
	}
}

func newRoot(s *Session) *cobra.Command {
	root := &cobra.Command{
		Use:           "fairlead",
		Short:         "Make clusters of any orchestrator, in any cloud, behave as one system.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	all := sections(s)
	for _, part := range all {
		root.AddCommand(part.commands...)
	}
	root.AddCommand(newConnectionHelp())
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), overview(all)) })
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return exit.Errorf(exit.Usage, "%w (see `%s --help`)", err, c.CommandPath())
	})
	shared(s, root)
	completeWords(s, root)
	return root
}

// shared binds the flags that every command has.
func shared(s *Session, root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVarP(&s.flags.Server, "server", "s", "", "`URL` of the NATS server")
	f.StringVar(&s.flags.Creds, "creds", "", "`FILE` with NATS credentials")
	f.StringVar(&s.flags.CA, "ca", "", "`FILE` of the certificates to trust")
	f.BoolVar(&s.flags.InsecurePlain, "insecure-plain", false, "send credentials over connections without TLS")
	f.StringVar(&s.flags.Context, "context", "", "`NAME` of a context of the nats tool")
	f.StringVarP(&s.tenant, "tenant", "t", "", "`TENANT` to act for")
	f.StringVarP(&s.format, "output", "o", "", "`FORMAT`: table, wide, json or yaml")
	f.DurationVar(&s.timeout, "timeout", 10*time.Second, "longest `DURATION` to wait for an answer")
}

func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf(", did you mean %q?", near[0])
	}
	return exit.Errorf(exit.Usage, "unknown command %q for %q%s (see `%s --help`)", args[0], c.CommandPath(), hint, c.CommandPath())
}

// parent makes a command that only holds others.
func parent(name, about string, children ...*cobra.Command) *cobra.Command {
	p := &cobra.Command{Use: name, Short: about, Args: unknownCommand}
	p.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	p.AddCommand(children...)
	p.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), parentHelp(c)) })
	return p
}
