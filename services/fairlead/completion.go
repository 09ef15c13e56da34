package fairlead

import (
	"context"

	"fairlead.dev/services/fairlead/exit"
	"github.com/spf13/cobra"
)

type completionOptions struct {
	shell string
	root  func() *cobra.Command
}

func newCompletion() *cobra.Command {
	o := &completionOptions{}
	c := command(spec{
		use:   "completion bash|zsh|fish|powershell",
		about: "Print a script that completes fairlead's commands and flags in a shell.",
		examples: [3]string{
			"source <(fairlead completion bash)",
			"fairlead completion zsh > \"${fpath[1]}/_fairlead\"",
			"fairlead completion fish | source",
		},
		see:  []string{"fairlead help"},
		args: cobra.ExactArgs(1),
	}, o)
	c.ValidArgs = []string{"bash", "zsh", "fish", "powershell"}
	o.root = c.Root
	return c
}

// Complete takes the shell.
func (o *completionOptions) Complete(args []string) error {
	o.shell = args[0]
	return nil
}

// Validate checks the shell.
func (o *completionOptions) Validate() error {
	switch o.shell {
	case "bash", "zsh", "fish", "powershell":
		return nil
	}
	return exit.Errorf(exit.Usage, "shell %q: want bash, zsh, fish or powershell", o.shell)
}

// Run prints the script.
func (o *completionOptions) Run(context.Context) error {
	root := o.root()
	switch o.shell {
	case "bash":
		return root.GenBashCompletionV2(root.OutOrStdout(), true)
	case "zsh":
		return root.GenZshCompletion(root.OutOrStdout())
	case "fish":
		return root.GenFishCompletion(root.OutOrStdout(), true)
	}
	return root.GenPowerShellCompletionWithDesc(root.OutOrStdout())
}
