package dev

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A kept folder belongs to one process at a time; the claim of a process that is gone
// does not count.
func TestKeptData(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	lock := filepath.Join(dir, "fairlead-dev.pid")
	path, done, err := openData(dir)
	if err != nil || path != dir {
		t.Fatal(path, err)
	}
	if err := done(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lock, fmt.Appendln(nil, os.Getppid()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openData(dir); err == nil || !strings.Contains(err.Error(), "is used by process") {
		t.Errorf("a folder in use was taken: %v", err)
	}
	if err := os.WriteFile(lock, []byte("999999999\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openData(dir); err != nil {
		t.Errorf("the claim of a dead process: %v", err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

func TestTemporaryDataIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path, done, err := openData("")
	if err != nil {
		t.Fatal(err)
	}
	if err := done(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", path, err)
	}
}

func TestClusterOf(t *testing.T) {
	for context, want := range map[string]string{
		"kind-a": "kind-a", "admin@prod.EU": "admin-prod-eu", "arn:aws:eks:eu-west-1:1:cluster/web": "arn-aws-eks-eu-west-1-1-cluster-web", "///": "",
	} {
		got, err := ClusterOf(context)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("ClusterOf(%q) = %q, %v; want %q", context, got, err, want)
		}
	}
}
