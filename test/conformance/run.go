package main

import (
	_ "embed"
	"fmt"
	"path"
	"strings"
)

// verdict is how a case ended.
type verdict string

const (
	passed    verdict = "passed"
	otherwise verdict = "chosen otherwise" // not met, and listed with the reason
	failure   verdict = "failed"
	unasked   verdict = "component" // nothing that a user could reach
)

type result struct {
	*testCase
	verdict verdict
	why     string // what came out instead, or why it was chosen otherwise
}

// runAll runs cases in order.
func runAll(cases []testCase) []result {
	listed := chosen()
	out := make([]result, len(cases))
	for i := range cases {
		out[i] = run(&cases[i], listed)
	}
	return out
}

func run(c *testCase, listed []choice) result {
	if c.Level == "component" {
		return result{c, unasked, ""}
	}
	check, ok := outcomes[c.Expect.Outcome]
	if !ok {
		return result{c, failure, fmt.Sprintf("nothing here asks for the outcome %q", c.Expect.Outcome)}
	}
	reason := reasonFor(c.ID, listed)
	err := protect(check, c)
	switch {
	case err == nil && reason != "":
		return result{c, failure, "holds, and still stands in otherwise.txt"}
	case err == nil:
		return result{c, passed, ""}
	case reason != "":
		return result{c, otherwise, reason}
	}
	return result{c, failure, err.Error()}
}

// protect makes a panic the failure of one case.
func protect(check func(*testCase) error, c *testCase) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return check(c)
}

//go:embed otherwise.txt
var otherwiseText string

// choice is a line of otherwise.txt.
type choice struct{ pattern, reason string }

// chosen reads the list: a pattern of case ids as path.Match has it, then the reason; a
// line that begins with a space goes on with the reason before it.
func chosen() []choice {
	var out []choice
	for line := range strings.Lines(otherwiseText) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == ' ' && len(out) > 0:
			out[len(out)-1].reason += " " + strings.TrimSpace(line)
		default:
			pattern, reason, _ := strings.Cut(line, " ")
			out = append(out, choice{pattern, strings.TrimSpace(reason)})
		}
	}
	return out
}

func reasonFor(id string, listed []choice) string {
	for _, c := range listed {
		if ok, err := path.Match(c.pattern, id); ok && err == nil {
			return c.reason
		}
	}
	return ""
}
