package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fairlead.dev/test/quality/cost"
	"fairlead.dev/test/quality/verdict"
)

// section measures one thing.
type section struct {
	name   string
	folder string // of the traces; empty if it needs none
	run    func(verdict.Ask) ([]verdict.Goal, error)
}

var sections = []section{
	{"packing", "openb", packing},
	{"constrained", "openb", constrained},
	{"stale", "openb", stale},
	{"cost", "azure", cost.Measure},
}

func main() {
	a := verdict.Ask{Out: os.Stdout}
	flag.StringVar(&a.Traces, "traces", "", "`folder` with the traces: openb and azure")
	flag.BoolVar(&a.Full, "full", false, "more seeds, node orders and layouts")
	flag.StringVar(&a.Plots, "plots", filepath.Join(os.TempDir(), "fairlead-quality"), "`folder` that the charts are written to")
	only := flag.String("only", "", "`sections` to run, separated by commas; all if empty")
	flag.Parse()
	if err := run(a, *only); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run gives an error if a section fails; a goal that is not met is a result.
func run(a verdict.Ask, only string) error {
	if err := os.MkdirAll(a.Plots, 0o755); err != nil {
		return fmt.Errorf("make the folder for charts: %w", err)
	}
	var goals []verdict.Goal
	for _, s := range sections {
		if only != "" && !strings.Contains(","+only+",", ","+s.name+",") {
			continue
		}
		if s.folder != "" && !present(a.Traces, s.folder) {
			fmt.Fprintf(a.Out, "\nSKIPPED: %s needs the traces in %s, and they are not there (-traces FOLDER)\n", s.name, filepath.Join(a.Traces, s.folder))
			continue
		}
		start := time.Now()
		fmt.Fprintf(a.Out, "\n=== %s\n", s.name)
		some, err := s.run(a)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		goals = append(goals, some...)
		fmt.Fprintf(a.Out, "%s took %.0f s\n", s.name, time.Since(start).Seconds())
	}
	fmt.Fprintln(a.Out)
	for _, g := range goals {
		fmt.Fprintln(a.Out, g)
	}
	return nil
}

func present(traces, folder string) bool {
	_, err := os.Stat(filepath.Join(traces, folder))
	return traces != "" && !errors.Is(err, fs.ErrNotExist)
}
