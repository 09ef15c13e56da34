package fairlead

import (
	"fmt"
	"strings"

	"fairlead.dev/services/fairlead/exit"
	"github.com/spf13/cobra"
)

// overview is the help of the program itself.
func overview(all []section) string {
	var b strings.Builder
	b.WriteString("Make clusters of any orchestrator, in any cloud, behave as one system.\n\n")
	b.WriteString("  fairlead dev                      try it: everything in one process, simulated clusters\n")
	b.WriteString("  fairlead submit -f web.yaml       submit a workload\n")
	b.WriteString("  fairlead explain shop/web         see why it runs where it runs\n\n")
	for _, part := range all {
		var names []string
		for _, c := range part.commands {
			names = append(names, c.Name())
		}
		fmt.Fprintf(&b, "%-15s %s\n", part.title+":", strings.Join(names, ", "))
	}
	b.WriteString("\nEach command has --help with examples. Connection: `fairlead help connection`.\n")
	fmt.Fprintf(&b, "Exit codes: %s\n", allCodes())
	return b.String()
}

// allCodes is the table of exit codes over two lines.
func allCodes() string {
	var parts []string
	for _, row := range exit.Table {
		parts = append(parts, fmt.Sprintf("%d %s", row.Code, row.Meaning))
	}
	half := len(parts) / 2
	return strings.Join(parts[:half], " · ") + " ·\n  " + strings.Join(parts[half:], " · ")
}

// parentHelp is the help of a command that only holds others.
func parentHelp(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage: %s COMMAND\n\n", c.Short, c.CommandPath())
	for _, child := range c.Commands() {
		fmt.Fprintf(&b, "  %-20s %s\n", child.Use, child.Short)
	}
	fmt.Fprintf(&b, "\nEach has --help with examples.\n")
	return b.String()
}

const connectionText = `How a command finds its server, the first that is given:

  --server URL            nats://host:4222, tls:// or wss://, several separated by commas
  FAIRLEAD_SERVER         the same from the environment
  --context NAME          a context of the nats tool (FAIRLEAD_CONTEXT); read, never written,
                          and never the one selected there
  a running fairlead dev  found by a file in $XDG_STATE_HOME/fairlead

Identity: --creds FILE (FAIRLEAD_CREDS), else that of the context; not without TLS, but on loopback
          or with --insecure-plain (FAIRLEAD_INSECURE_PLAIN=true). --ca FILE (FAIRLEAD_CA) trusts others.
Tenant:   --tenant NAME (FAIRLEAD_TENANT) for workloads named without one.
Output:   -o table, wide, json or yaml (FAIRLEAD_OUTPUT); streams print one JSON value a line.
          Colour only on a terminal, and not with NO_COLOR.
Waiting:  --timeout DURATION for the connection, and for each answer of the service.

See also: fairlead context ls, fairlead doctor
`

func newConnectionHelp() *cobra.Command {
	c := &cobra.Command{Use: "connection", Short: "How a command finds its server, identity, tenant and output."}
	print := func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), connectionText) }
	c.SetHelpFunc(print)
	c.Run = print
	return c
}
