package fairlead

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fairlead.dev/services/fairlead/exit"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write the golden files and docs/cli.md anew")

// invoke runs one command line and gives what it printed.
func invoke(t *testing.T, args ...string) (out, err string, code exit.Code) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(t.Context(), Session{In: strings.NewReader(""), Out: &o, Err: &e, Environ: []string{"HOME=" + t.TempDir()}}, args)
	return o.String(), e.String(), code
}

// commands lists every command line that has a help, the program's own first.
func commands() [][]string {
	var all [][]string
	var walk func(c *cobra.Command, path []string)
	walk = func(c *cobra.Command, path []string) {
		all = append(all, path)
		for _, child := range c.Commands() {
			if child.Name() != "help" {
				walk(child, append(append([]string{}, path...), child.Name()))
			}
		}
	}
	walk(newRoot(&Session{}), nil)
	return all
}

func TestHelp(t *testing.T) {
	for _, path := range commands() {
		t.Run(strings.Join(append([]string{"fairlead"}, path...), " "), func(t *testing.T) {
			text, talk, code := invoke(t, append(path, "--help")...)
			if code != exit.OK || talk != "" {
				t.Fatalf("exit %d, stderr %q", code, talk)
			}
			if n := strings.Count(text, "\n"); n > 24 {
				t.Errorf("%d lines, at most 24 fit on a screen:\n%s", n, text)
			}
			for line := range strings.Lines(text) {
				if n := len([]rune(line)); n > 132 {
					t.Errorf("a line of %d characters: %s", n, line)
				}
			}
			first, _, _ := strings.Cut(text, "\n")
			if !strings.HasSuffix(first, ".") && !strings.HasSuffix(first, ":") {
				t.Errorf("the first line is no sentence: %q", first)
			}
		})
	}
}

// Every command that does something has three examples that name it, its exit codes
// and what to see next.
func TestHelpIsWhole(t *testing.T) {
	for _, path := range commands() {
		c, _, err := newRoot(&Session{}).Find(path)
		if err != nil {
			t.Fatal(err)
		}
		if c.HasSubCommands() || c.Name() == "connection" || len(path) == 0 {
			continue
		}
		text, _, _ := invoke(t, append(path, "--help")...)
		examples := 0
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "  ") && strings.Contains(line, "fairlead "+strings.Join(path, " ")) {
				examples++
			}
		}
		if examples < 2 {
			t.Errorf("%s: %d examples name the command:\n%s", path, examples, text)
		}
		for _, part := range []string{"\nUsage: ", "\nExit codes: 0 ", "\nSee also: "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q:\n%s", path, part, text)
			}
		}
	}
}

// Examples can be pasted: each of fairlead's own command lines in them parses.
func TestExamplesParse(t *testing.T) {
	for _, path := range commands() {
		text, _, _ := invoke(t, append(path, "--help")...)
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "fairlead ") {
				continue
			}
			words := strings.Fields(strings.NewReplacer("'", "", "\"", "").Replace(strings.TrimPrefix(line, "fairlead ")))
			for i, w := range words {
				if strings.ContainsAny(w, "|&>()") {
					words = words[:i]
					break
				}
			}
			c, rest, err := newRoot(&Session{}).Find(words)
			if err != nil {
				t.Errorf("%q: %v", line, err)
				continue
			}
			if c.HasSubCommands() || strings.Contains(line, "  ") || strings.Contains(line, "'") {
				continue
			}
			if err := c.ParseFlags(rest); err != nil {
				t.Errorf("%q: %v", line, err)
			} else if err := c.ValidateArgs(c.Flags().Args()); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}

// docs/cli.md is made of the help, so it cannot say anything else.
func TestReference(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The command line\n\nMade from `fairlead --help` by `go test ./services/fairlead -run TestReference -update`; do not edit.\n\n")
	b.WriteString("## Exit codes\n\n| code | meaning |\n|---|---|\n")
	for _, row := range exit.Table {
		b.WriteString("| " + strconv.Itoa(int(row.Code)) + " | " + row.Meaning + " |\n")
	}
	for _, path := range commands() {
		text, _, _ := invoke(t, append(path, "--help")...)
		b.WriteString("\n## " + strings.Join(append([]string{"fairlead"}, path...), " ") + "\n\n```text\n" + text + "```\n")
	}
	golden(t, filepath.Join("..", "..", "docs", "cli.md"), b.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what is printed now (run with -update if it should be):\n%s", file, got)
	}
}
