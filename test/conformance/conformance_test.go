package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOwnCases runs our own cases, each as a test.
func TestOwnCases(t *testing.T) {
	for _, c := range own(t) {
		t.Run(c.ID, func(t *testing.T) {
			if r := run(&c, nil); r.verdict != passed {
				t.Errorf("%s: %s: %s", c.Name, r.verdict, r.why)
			}
		})
	}
}

func own(t *testing.T) []testCase {
	t.Helper()
	cases, err := load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestWrongExpectations turns what each of our cases expects around: what passes then
// proves nothing.
func TestWrongExpectations(t *testing.T) {
	other := map[string]string{
		"unschedulable": `{"outcome": "placed", "placement": {}}`,
		"feasible":      `{"outcome": "infeasible", "cluster": "lab"}`,
		"infeasible":    `{"outcome": "feasible", "cluster": "lab"}`,
		"feasible_set":  `{"outcome": "feasible_set", "feasible": ["old", "new"]}`,
		"invalid":       `{"outcome": "feasible", "cluster": "lab"}`,
		"placed":        `{"outcome": "placed", "placement": {"north": 5, "south": 4}}`,
		"capacity":      `{"outcome": "capacity", "max_replicas": {"lab": 4}}`,
		"event_order":   `{"outcome": "event_order", "within_virtual": "3m", "events": []}`,
		"selected":      `{"outcome": "selected", "selected": []}`,
		"ranked":        `{"outcome": "ranked", "ranking": []}`,
		"score":         `{"outcome": "score", "scores": {}}`,
		"evict":         `{"outcome": "evict", "remaining": {"lab": 77}}`,
		"groups":        `{"outcome": "groups", "groups": []}`,
	}
	for _, c := range own(t) {
		t.Run(c.ID, func(t *testing.T) {
			wrong, ok := other[c.Expect.Outcome]
			if !ok {
				t.Fatalf("say here what %q is not", c.Expect.Outcome)
			}
			c.Expect = expect{}
			if err := json.Unmarshal([]byte(wrong), &c.Expect); err != nil {
				t.Fatal(err)
			}
			if r := run(&c, nil); r.verdict != failure {
				t.Errorf("%s holds, too", wrong)
			}
		})
	}
}

// TestVerdicts: a case that is listed and fails is chosen otherwise; one that is listed
// and holds has to leave the list; a component is passed over.
func TestVerdicts(t *testing.T) {
	cases := own(t)
	good, bad, part, unknown := cases[0], cases[0], cases[0], cases[0]
	bad.Expect.Placement = map[string]int{"north": 9}
	part.Level = "component"
	unknown.Expect.Outcome = "wonder"
	listed := []choice{{"own/division/*", "because"}}
	for _, tc := range []struct {
		c      testCase
		listed []choice
		want   verdict
	}{
		{good, nil, passed}, {good, listed, failure}, {bad, nil, failure}, {bad, listed, otherwise},
		{part, nil, unasked}, {unknown, nil, failure},
	} {
		if got := run(&tc.c, tc.listed); got.verdict != tc.want {
			t.Errorf("%v with %v: %s (%s), want %s", tc.c.Expect, tc.listed, got.verdict, got.why, tc.want)
		}
	}
}

// TestReport: the exit code and the last line.
func TestReport(t *testing.T) {
	c := &testCase{ID: "own/x/1", Suite: "x", Name: "a name"}
	of := func(v verdict, n int) (out []result) {
		for range n {
			out = append(out, result{c, v, "because"})
		}
		return out
	}
	for _, tc := range []struct {
		results []result
		code    int
		last    string
	}{
		{of(passed, 10), 0, "ok: 10 cases, 0 chosen otherwise"},
		{append(of(passed, 9), of(otherwise, 1)...), 0, "ok: 10 cases, 1 chosen otherwise"},
		{append(of(passed, 8), of(otherwise, 1)...), 1, "FAILED: 1 of 9 cases are chosen otherwise, more than one in 10"},
		{append(append(of(passed, 9), of(otherwise, 1)...), of(unasked, 5)...), 0, "ok: 10 cases, 1 chosen otherwise"},
		{append(of(passed, 50), of(failure, 1)...), 1, "FAILED: 1 of 51 cases"},
	} {
		var out bytes.Buffer
		code := report(&out, tc.results, false)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if last := lines[len(lines)-1]; code != tc.code || last != tc.last {
			t.Errorf("exit %d, %q; want %d, %q", code, last, tc.code, tc.last)
		}
	}
}

// TestChoices: every line of the list is a pattern with a reason.
func TestChoices(t *testing.T) {
	for _, c := range chosen() {
		if _, err := filepath.Match(c.pattern, ""); err != nil || len(c.reason) < 20 {
			t.Errorf("%q: %q: want a pattern, then why (%v)", c.pattern, c.reason, err)
		}
	}
}

// TestUnknownMembers: a case with a member that is not understood is no case.
func TestUnknownMembers(t *testing.T) {
	dir := t.TempDir()
	text := `{"cases": [{"id": "a", "request": {"replicas": 1, "colour": "red"}}]}`
	if err := os.WriteFile(filepath.Join(dir, "c.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(dir); err == nil || !strings.Contains(err.Error(), `"colour"`) {
		t.Errorf("got %v", err)
	}
	var talk bytes.Buffer
	if code := start([]string{"-cases", dir, "-own", "testdata"}, &talk, &talk); code != 2 {
		t.Errorf("exit %d: %s", code, &talk)
	}
	if code := start([]string{"-cases", "testdata", "-own", dir}, &talk, &talk); code != 2 {
		t.Errorf("exit %d: %s", code, &talk)
	}
	if code := start(nil, &talk, &talk); code != 2 {
		t.Errorf("exit %d without -cases", code)
	}
}
