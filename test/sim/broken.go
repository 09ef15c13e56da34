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
	rare                 bool // not caught for certain in so many seeds: said, and no failure
}

// The faults that peers had, or that the laws forbid. Each text must stand in its file
// exactly once: when the code moves on, so must the list.
var mutations = []mutation{
	{
		name: "no fence on the epoch", file: "services/placement/chain.go",
		from: "a.Fence(event.Subject(new(event.EpochStarted)), s.loop.me.at)",
		to:   "",
		rare: true, // the log in memory answers at once, so that no second batch is on its way when the first is lost
	},
	{
		name: "a report wipes all debits", file: "pkg/scheduler/apply.go",
		from: "for len(c.pending) > 0 && c.pending[0].Number <= through {",
		to:   "for len(c.pending) > 0 {",
	},
	{
		name: "debits are freed by time", file: "pkg/scheduler/apply.go",
		from: "for len(c.pending) > 0 && c.pending[0].Number <= through {",
		to:   "for len(c.pending) > 0 && (c.pending[0].Number <= through || s.observed-c.pending[0].At > 10_000) {",
	},
	{
		name: "an agent deletes before the synchronisation ended", file: "pkg/agent/observe.go",
		from: "if m.phase != reporting {",
		to:   "if m.phase < settling {",
	},
	{
		name: "an agent believes a partial view", file: "pkg/agent/observe.go",
		from: "if in.Err != nil || !in.View.Complete {",
		to:   "if in.Err != nil {",
	},
	{
		name: "decides before it has read what was there", file: "services/placement/loop.go",
		from: "return !l.stopping && l.read.reached(l.tails)",
		to:   "return !l.stopping",
	},
	{
		name: "withdraws before the target is ready", file: "pkg/scheduler/assign.go",
		from: "return lost > 0 && (gained > 0 ||",
		to:   "return false && lost > 0 && (gained > 0 ||",
	},
	{
		name: "a gap in the commands is passed over", file: "pkg/agent/hello.go",
		from: `case m.phase == waiting, number > m.expected:`,
		to:   `case m.phase == waiting:`,
	},
	{
		name: "a rejected command stands", file: "pkg/scheduler/seat.go",
		from: "	t.mark(rejected)\n",
		to:   "",
	},
	{
		name: "what a report names as rejected is carried out", file: "pkg/scheduler/apply.go",
		from: "	s.takeBackNamed(c, d.Rejected)\n",
		to:   "",
		rare: true,
	},
	{
		name: "a synchronisation leaves a workload out", file: "pkg/scheduler/record.go",
		from: "for i, w := range desired {\n		s.tell(",
		to:   "for i, w := range desired[:len(desired)*3/4] {\n		s.tell(",
	},
	{
		name: "tokens are not compared", file: "services/agent-sim/apply.go",
		from: "case o != nil && o.desired.Token > d.Token, c.tombs[d.Workload] >= d.Token:",
		to:   "case false:",
		rare: true,
	},
	{
		name: "a checkpoint counts facts that its record does not name", file: "services/placement/snapshot.go",
		from: " || l.state.Positions() != l.barrier {",
		to:   " {",
	},
	{
		name: "what stood before a synchronisation is forgotten", file: "pkg/scheduler/resync.go",
		from: "	if at < 0 {",
		to:   "	if true || at < 0 {",
	},
}

// clean is how many seeds from 1 on hold without a fault: more would prove nothing of the
// faults.
const clean = 1500

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
		how, err := m.try(dir, max(seeds, clean))
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		switch {
		case how != "":
		case m.rare:
			how = fmt.Sprintf("not caught in %d seeds, as before", clean)
		default:
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
