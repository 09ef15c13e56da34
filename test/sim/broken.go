package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// mutation is a fault put into the sources for one build. A checker that lets it pass is
// not worth much.
type mutation struct {
	name, file, from, to string
}

// The faults that peers had, or that the laws forbid. Each text must stand in its file
// exactly once: when the code moves on, so must the list.
var mutations = []mutation{
	{
		"no fence on the epoch", "services/placement/chain.go",
		"a.Fence(event.Subject(new(event.EpochStarted)), s.loop.me.at)",
		"",
	},
	{
		"a report wipes all debits", "pkg/scheduler/apply.go",
		"for len(c.pending) > 0 && c.pending[0].Number <= through {",
		"for len(c.pending) > 0 {",
	},
	{
		"debits are freed by time", "pkg/scheduler/apply.go",
		"for len(c.pending) > 0 && c.pending[0].Number <= through {",
		"for len(c.pending) > 0 && (c.pending[0].Number <= through || s.observed-c.pending[0].At > 10_000) {",
	},
	{
		"an agent deletes before the synchronisation ended", "pkg/agent/observe.go",
		"if m.phase != reporting {",
		"if m.phase < settling {",
	},
	{
		"an agent believes a partial view", "pkg/agent/observe.go",
		"if in.Err != nil || !in.View.Complete {",
		"if in.Err != nil {",
	},
	{
		"decides before it has read what was there", "services/placement/loop.go",
		"return !l.stopping && l.read.reached(l.tails)",
		"return !l.stopping",
	},
	{
		"withdraws before the target is ready", "pkg/scheduler/assign.go",
		"return lost > 0 && (gained > 0 ||",
		"return false && lost > 0 && (gained > 0 ||",
	},
	{
		"a gap in the commands is passed over", "pkg/agent/hello.go",
		`case m.phase == waiting, number > m.expected:`,
		`case m.phase == waiting:`,
	},
	{
		"a rejected command stands", "pkg/scheduler/seat.go",
		"	t.mark(rejected)\n",
		"",
	},
	{
		"a synchronisation leaves a workload out", "pkg/scheduler/record.go",
		"for i, w := range desired {\n		s.tell(",
		"for i, w := range desired[:len(desired)*3/4] {\n		s.tell(",
	},
	{
		"tokens are not compared", "services/agent-sim/apply.go",
		"case o != nil && o.desired.Token > d.Token, c.tombs[d.Workload] >= d.Token:",
		"case false:",
	},
	{
		"a checkpoint counts facts that its record does not name", "services/placement/snapshot.go",
		" || l.state.Positions() != l.barrier {",
		" {",
	},
	{
		"what stood before a synchronisation is forgotten", "pkg/scheduler/resync.go",
		"	if at < 0 {",
		"	if true || at < 0 {",
	},
}

// runBroken builds every mutation and runs seeds until one fails. It is started in the
// root of the project.
func runBroken(out io.Writer, seeds int) error {
	dir, err := os.MkdirTemp("", "fairlead-sim")
	if err != nil {
		return fmt.Errorf("a folder for the builds: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var passed []string
	for _, m := range mutations {
		how, err := m.try(dir, max(seeds, 4000))
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if how == "" {
			passed, how = append(passed, m.name), "NOT CAUGHT"
		}
		fmt.Fprintf(out, "%-55s %s\n", m.name, how)
	}
	if len(passed) > 0 {
		return fmt.Errorf("not caught: %s", strings.Join(passed, ", "))
	}
	return nil
}

// try builds with the fault and says how it was caught; nothing if it was not.
func (m *mutation) try(dir string, seeds int) (string, error) {
	binary, err := m.build(dir)
	if err != nil {
		return "", err
	}
	text, err := exec.Command(binary, "-seeds", strconv.Itoa(seeds)).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case !errors.As(err, &exit):
		return "", fmt.Errorf("run: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		if why, found := strings.CutPrefix(line, "error: "); found {
			return why, nil
		}
	}
	return lines[len(lines)-1], nil
}

// build compiles the simulation with the changed file laid over the real one.
func (m *mutation) build(dir string) (string, error) {
	file, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.from); n != 1 {
		return "", fmt.Errorf("%s has the text to change %d times, want once: bring the list up to date", m.file, n)
	}
	changed, overlay, binary := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.from, m.to, 1)), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {file: changed}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		return "", err
	}
	if text, err := exec.Command("go", "build", "-overlay", overlay, "-o", binary, "./test/sim").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, text)
	}
	return binary, nil
}
