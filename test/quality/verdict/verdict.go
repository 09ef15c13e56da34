// Package verdict holds what the sections of the benchmark share: what they are asked,
// where they print, and how they say whether a goal is met.
package verdict

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Ask is what a section is asked to measure.
type Ask struct {
	Out    io.Writer
	Traces string // folder with the traces of every section
	Full   bool   // more seeds, longer
	Plots  string // folder that charts are written to
}

// Goal is one goal of the design, and whether it is met.
type Goal struct {
	Number  int
	Met     bool
	Figures string
}

// String is the line that scripts look for.
func (g Goal) String() string {
	is := "not met"
	if g.Met {
		is = "met"
	}
	return fmt.Sprintf("goal %d: %s  (%s)", g.Number, is, g.Figures)
}

// Table prints rows with aligned columns under a title.
func (a Ask) Table(title string, rows [][]string) {
	fmt.Fprintf(a.Out, "\n%s\n", title)
	w := tabwriter.NewWriter(a.Out, 2, 4, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, "  "+strings.Join(r, "\t"))
	}
	_ = w.Flush() // the writer below reports its own errors at the end
}
