package controlplane_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"fairlead.dev/test/kubernetes/controlplane"
)

// memory is what a cluster's processes occupy, shared pages counted in proportion; for the log.
func memory(t *testing.T, c *controlplane.Cluster) string {
	t.Helper()
	var parts []string
	var sum int64
	for _, component := range controlplane.Components(true) {
		pid := c.PID(component)
		if pid == 0 {
			continue
		}
		kib, err := proportionalKiB(pid)
		if err != nil {
			return fmt.Sprintf("memory unknown here: %v", err) // /proc is Linux's
		}
		sum += kib
		parts = append(parts, fmt.Sprintf("%s %d", component, kib/1024))
	}
	return fmt.Sprintf("%d MiB (%s)", sum/1024, strings.Join(parts, ", "))
}

func proportionalKiB(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "Pss: %d kB", &kib); n == 1 {
			return kib, nil
		}
	}
	return 0, fmt.Errorf("no Pss of process %d", pid)
}
