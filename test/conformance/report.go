package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// oneIn is how many cases there must be for each that was chosen otherwise.
const oneIn = 10

// report prints a table by suite, then every case that was chosen otherwise and every one
// that failed, and gives the exit code.
func report(out io.Writer, results []result, verbose bool) int {
	if verbose {
		for _, r := range results {
			fmt.Fprintf(out, "%-34s %-16s %s %s\n", r.ID, r.verdict, r.Name, r.why)
		}
	}
	printTable(out, results)
	counts := count(results)
	for _, v := range []verdict{otherwise, failure} {
		if counts[v] > 0 {
			fmt.Fprintf(out, "\n%s:\n", v)
		}
		for _, r := range results {
			if r.verdict == v {
				fmt.Fprintf(out, "  %s (%s)\n    %s\n", r.ID, r.Name, r.why)
			}
		}
	}
	asked := len(results) - counts[unasked]
	switch {
	case counts[failure] > 0:
		fmt.Fprintf(out, "\nFAILED: %d of %d cases\n", counts[failure], asked)
		return 1
	case counts[otherwise]*oneIn > asked:
		fmt.Fprintf(out, "\nFAILED: %d of %d cases are chosen otherwise, more than one in %d\n", counts[otherwise], asked, oneIn)
		return 1
	}
	fmt.Fprintf(out, "\nok: %d cases, %d chosen otherwise\n", asked, counts[otherwise])
	return 0
}

func count(results []result) map[verdict]int {
	out := map[verdict]int{}
	for _, r := range results {
		out[r.verdict]++
	}
	return out
}

func printTable(out io.Writer, results []result) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"suite", "cases", passed, otherwise, failure, unasked})
	row := func(name string, of []result) table.Row {
		n := count(of)
		return table.Row{name, len(of), n[passed], n[otherwise], n[failure], n[unasked]}
	}
	var names []string
	bySuite := map[string][]result{}
	for _, r := range results {
		name := suite(r)
		if bySuite[name] == nil {
			names = append(names, name)
		}
		bySuite[name] = append(bySuite[name], r)
	}
	for _, name := range names {
		t.AppendRow(row(name, bySuite[name]))
	}
	t.AppendFooter(row("all", results))
	fmt.Fprintln(out, t.Render())
}

// suite names a suite with whose it is.
func suite(r result) string {
	whose, _, _ := strings.Cut(r.ID, "/")
	return whose + " " + r.Suite
}
