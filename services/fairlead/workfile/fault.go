package workfile

import (
	"fmt"
	"strings"
)

// Fault is one mistake in a file. Line is 1 for the first; 0 when the file as a
// whole is meant. Field is a path such as policy.clusters[0].operator.
type Fault struct {
	File    string
	Line    int
	Field   string
	Message string
}

// String gives file:line: field: message, which editors can jump to.
func (f Fault) String() string {
	s := f.File
	if f.Line > 0 {
		s += fmt.Sprintf(":%d", f.Line)
	}
	if f.Field != "" {
		s += ": " + f.Field
	}
	return s + ": " + f.Message
}

// Faults is an error made of every fault found.
type Faults []Fault

// Error gives one line per fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}
