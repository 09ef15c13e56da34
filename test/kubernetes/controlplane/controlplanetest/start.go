package controlplanetest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"fairlead.dev/test/kubernetes/controlplane"
)

// RequireBinary returns the control plane binary. Without one the test fails where CI=true, and is
// skipped elsewhere, since building it takes minutes that not everyone wants to spend.
func RequireBinary(t testing.TB) string {
	t.Helper()
	path, err := controlplane.Find()
	switch {
	case err == nil:
	case errors.Is(err, controlplane.ErrNotBuilt) && os.Getenv("CI") != "true":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
	return path
}

// Start starts a cluster that lives as long as the test.
func Start(t testing.TB, cfg controlplane.Config) *controlplane.Cluster {
	t.Helper()
	return StartAll(t, cfg)[0]
}

// StartAll starts several clusters side by side that live as long as the test.
func StartAll(t testing.TB, cfgs ...controlplane.Config) []*controlplane.Cluster {
	t.Helper()
	RequireBinary(t)
	clusters, err := controlplane.StartAll(t.Context(), cfgs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range clusters {
			report(t, c)
			c.Stop()
		}
	})
	return clusters
}

// report fails the test when a component crashed under it, and shows the logs when it failed.
func report(t testing.TB, c *controlplane.Cluster) {
	t.Helper()
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	if !t.Failed() {
		return
	}
	for _, component := range controlplane.Components(true) {
		if _, err := os.Stat(c.Log(component)); err == nil {
			t.Logf("%s %s:\n%s", c.URL, component, c.LogTail(component))
		}
	}
}

// Shared is one cluster for all tests of a package, started by the first that asks.
type Shared struct {
	Config controlplane.Config

	once    sync.Once
	cluster *controlplane.Cluster
	err     error
}

// Cluster returns the shared cluster. Tests must not halt it.
func (s *Shared) Cluster(t testing.TB) *controlplane.Cluster {
	t.Helper()
	RequireBinary(t)
	s.once.Do(func() { s.cluster, s.err = controlplane.Start(context.Background(), s.Config) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	t.Cleanup(func() { report(t, s.cluster) })
	return s.cluster
}

// Main runs the tests, stops the cluster if there is one, and returns the exit code for os.Exit.
func (s *Shared) Main(m *testing.M) int {
	defer func() {
		if s.cluster != nil {
			s.cluster.Stop()
		}
	}()
	return m.Run()
}

// Namespace makes a namespace for one test, which is deleted after it. Nothing waits for the end of
// the deletion: in a bare cluster no controller finishes it.
func Namespace(t testing.TB, c *controlplane.Cluster) string {
	t.Helper()
	name := "t-" + strings.ToLower(rand.Text())
	object := map[string]any{"metadata": map[string]any{"name": name}}
	if err := c.Admin.Do(t.Context(), http.MethodPost, "/api/v1/namespaces", object, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Admin.Do(context.Background(), http.MethodDelete, "/api/v1/namespaces/"+name, nil, nil); err != nil {
			t.Error(err)
		}
	})
	return name
}
