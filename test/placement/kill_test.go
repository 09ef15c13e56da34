package placement

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
)

// A process killed in the middle of a flood loses nothing and repeats nothing: its
// successor folds the log and goes on, and the fold of the whole log is its state.
func TestKillInTheMiddleOfAFlood(t *testing.T) {
	const workloads = 4000
	f := newFleet(t)
	binary := build(t)
	victim := f.process(binary)
	f.join("eu-1")
	f.join("us-1")
	f.synchronised(2)
	go f.submit("flood", workloads)
	for _, upTo := range []int{400, 1500} {
		f.placed(upTo)
		if err := victim.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = victim.Wait()
		victim = f.process(binary)
	}
	f.consistent(f.placed(workloads))
	if err := victim.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := victim.Wait(); err != nil {
		t.Errorf("an orderly stop ends with %v", err)
	}
	f.sameAsFolded()
}

// build makes the service's own binary.
func build(t *testing.T, flags ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "placement")
	args := append(append([]string{"build"}, flags...), "-o", binary, "fairlead.dev/services/placement/cmd/placement")
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// process starts the binary and returns once it has begun an epoch.
func (f *fleet) process(binary string) *exec.Cmd {
	f.t.Helper()
	cmd := exec.Command(binary, "--server", f.url, "--address", "")
	says, err := cmd.StderrPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(says)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "epoch begun") {
			go func() { _, _ = io.Copy(io.Discard, says) }()
			return cmd
		}
		f.t.Log(lines.Text())
	}
	f.t.Fatal("the process ended before it led")
	return nil
}

// synchronised waits until so many clusters were answered.
func (f *fleet) synchronised(n int) {
	f.records(1, func(e event.Event) bool {
		if _, ok := e.Data.(*event.CommandSynchronise); ok {
			n--
		}
		return n == 0
	})
}
