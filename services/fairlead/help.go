package fairlead

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/services/fairlead/exit"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// connectionHelp is one line, because every command would repeat five otherwise.
const connectionHelp = "Connection: --server URL, --context NAME, --creds FILE, --tenant NAME, -o FORMAT (see `fairlead help connection`)"

// help writes the help of a subcommand: a sentence, usage, three examples, flags
// by group, exit codes, see also. At most 24 lines; a test counts them.
func help(c *cobra.Command, s spec, groups []group) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", s.about)
	if s.detail != "" {
		fmt.Fprintf(&b, "%s\n", s.detail)
	}
	fmt.Fprintf(&b, "\nUsage: %s\n\n", c.UseLine())
	for _, example := range s.examples {
		fmt.Fprintf(&b, "  %s\n", example)
	}
	b.WriteString("\n")
	for _, g := range groups {
		writeFlags(&b, g)
	}
	if s.server {
		fmt.Fprintf(&b, "%s\n", connectionHelp)
	}
	fmt.Fprintf(&b, "Exit codes: %s\n", exitCodes(s.exits))
	fmt.Fprintf(&b, "See also: %s\n", strings.Join(s.see, ", "))
	return b.String()
}

func writeFlags(b *strings.Builder, g group) {
	fmt.Fprintf(b, "%s:\n", g.title)
	width := 0
	g.flags.VisitAll(func(f *pflag.Flag) { width = max(width, len(flagName(f))) })
	g.flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			_, usage := pflag.UnquoteUsage(f)
			fmt.Fprintf(b, "  %-*s  %s%s\n", width, flagName(f), usage, defaultValue(f))
		}
	})
}

func flagName(f *pflag.Flag) string {
	name := "    --" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", --" + f.Name
	}
	if value, _ := pflag.UnquoteUsage(f); value != "" {
		name += " " + value
	}
	return name
}

func defaultValue(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "[]", "0", "0s":
		return ""
	}
	return " (default " + f.DefValue + ")"
}

func exitCodes(codes []exit.Code) string {
	all := append([]exit.Code{exit.OK, exit.Usage}, codes...)
	slices.Sort(all)
	var b strings.Builder
	width := len("Exit codes: ")
	for i, code := range slices.Compact(all) {
		part := fmt.Sprintf("%d %s", code, code.Meaning())
		switch {
		case i == 0:
		case width+len(part) > maxWidth:
			b.WriteString(" ·\n  ")
			width = 2
		default:
			b.WriteString(" · ")
			width += 3
		}
		b.WriteString(part)
		width += len(part)
	}
	return b.String()
}

// maxWidth is where a long line is broken.
const maxWidth = 116

// connected are the exit codes of every command that talks to a server.
var connected = []exit.Code{exit.Failure, exit.Forbidden, exit.Unreachable}

// with adds codes to those of a connected command.
func with(codes ...exit.Code) []exit.Code { return append(slices.Clone(connected), codes...) }
