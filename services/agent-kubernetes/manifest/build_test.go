package manifest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/manifest"
)

var update = flag.Bool("update", false, "write the golden files anew")

var scheme = manifest.Scheme{Cluster: "eu-1", NamespacePrefix: "fl-"}

func desired(kind event.Kind, change func(*event.Template)) agent.Desired {
	d := agent.Desired{
		Workload: event.WorkloadID{Tenant: "shop", Name: "web"}, Token: 7, Generation: 21, Hash: "h", Kind: kind, Replicas: 3,
		Template: event.Template{Image: "registry.example/app:1"},
	}
	if change != nil {
		change(&d.Template)
	}
	return d
}

// TestBuild is the mapping, one part of the template per golden file: what is sent, byte for byte.
func TestBuild(t *testing.T) {
	for name, d := range map[string]agent.Desired{
		"service": desired(event.KindService, nil),
		"job":     desired(event.KindJob, nil),
		"resources": desired(event.KindService, func(t *event.Template) {
			t.Resources = event.Resources{CPUMilli: 250, MemoryBytes: 64 << 20, GPUMilli: 1000, Extended: map[string]int64{"example.com/fpga": 2}}
		}),
		"health-http":    desired(event.KindService, func(t *event.Template) { t.Health = &event.HealthCheck{HTTPPath: "/", Port: 80} }),
		"health-tcp":     desired(event.KindService, func(t *event.Template) { t.Health = &event.HealthCheck{Port: 80, PeriodSeconds: 5} }),
		"health-command": desired(event.KindJob, func(t *event.Template) { t.Health = &event.HealthCheck{Command: []string{"/check"}} }),
		"environment": desired(event.KindService, func(t *event.Template) {
			t.Env = map[string]string{"Z": "26", "A": "1", "NONE": ""}
			t.References = []event.Reference{{Name: "all", Secret: true}, {Name: "one", Key: "k", Env: "K"}}
		}),
		"update":        desired(event.KindService, func(t *event.Template) { t.MaxUnavailable = 1 }),
		"architectures": desired(event.KindService, func(t *event.Template) { t.Architectures = []string{"arm64"} }),
		"never-restart": desired(event.KindJob, func(t *event.Template) { t.Restart = event.RestartPolicyNever }),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := scheme.Build(d)
			if err != nil {
				t.Fatal(err)
			}
			body, err := m.Body("", manifest.Absent)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, body)
		})
	}
}

func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, append(body, '\n'), "", "  "); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, text.Bytes()) {
		t.Errorf("%s differs (-update writes it anew):\n%s", path, text.Bytes())
	}
}

// TestRefused is what has no honest counterpart.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		kind   event.Kind
		change func(*event.Template)
		want   event.RejectReason
	}{
		"virtual machine":         {event.KindVM, nil, event.RejectReasonUnsupported},
		"service that may end":    {event.KindService, func(t *event.Template) { t.Restart = event.RestartPolicyNever }, event.RejectReasonUnsupported},
		"job that never ends":     {event.KindJob, func(t *event.Template) { t.Restart = event.RestartPolicyAlways }, event.RejectReasonUnsupported},
		"share of a GPU":          {event.KindService, func(t *event.Template) { t.Resources.GPUMilli = 1500 }, event.RejectReasonUnsupported},
		"resource without domain": {event.KindService, func(t *event.Template) { t.Resources.Extended = map[string]int64{"fpga": 1} }, event.RejectReasonUnsupported},
		"two health checks":       {event.KindService, func(t *event.Template) { t.Health = &event.HealthCheck{Command: []string{"x"}, Port: 1} }, event.RejectReasonUnsupported},
		"no health check":         {event.KindService, func(t *event.Template) { t.Health = &event.HealthCheck{PeriodSeconds: 1} }, event.RejectReasonInvalid},
		"all keys in a variable":  {event.KindService, func(t *event.Template) { t.References = []event.Reference{{Name: "s", Env: "S"}} }, event.RejectReasonUnsupported},
		"a variable twice": {event.KindService, func(t *event.Template) {
			t.Env = map[string]string{"S": "1"}
			t.References = []event.Reference{{Name: "s", Env: "S", Key: "k"}}
		}, event.RejectReasonInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scheme.Build(desired(c.kind, c.change))
			var r *agent.Rejection
			if !errors.As(err, &r) || r.Reason != c.want || r.Message == "" {
				t.Errorf("got %v, want a rejection for %s", err, c.want)
			}
		})
	}
}

// TestNamespaces shows that two tenants never share a namespace, and that no tenant gets one that
// does not begin with the prefix.
func TestNamespaces(t *testing.T) {
	name := rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := event.Tenant(name.Draw(t, "a")), event.Tenant(name.Draw(t, "b"))
		of := func(tenant event.Tenant) string {
			space, err := scheme.Namespace(tenant)
			if (err != nil) != (len(tenant) > 60) {
				t.Fatalf("tenant of %d characters: error %v", len(tenant), err)
			}
			if err == nil && (!strings.HasPrefix(space, "fl-") || event.CheckName(space) != nil) {
				t.Fatalf("tenant %s has namespace %s", tenant, space)
			}
			return space
		}
		if x, y := of(a), of(b); x != "" && (x == y) != (a == b) {
			t.Fatalf("tenants %s and %s have namespaces %s and %s", a, b, x, y)
		}
	})
}

// TestOwner finds back what Labels marks, and nothing of another cluster.
func TestOwner(t *testing.T) {
	w := event.WorkloadID{Tenant: "shop", Name: "web"}
	if got, ours := scheme.Owner(scheme.Labels(w)); !ours || got != w {
		t.Errorf("owner %v %t, want %v", got, ours, w)
	}
	for name, labels := range map[string]map[string]string{
		"another cluster": manifest.Scheme{Cluster: "eu-2"}.Labels(w),
		"no labels":       nil,
	} {
		if got, ours := scheme.Owner(labels); ours {
			t.Errorf("%s: ours, of %v", name, got)
		}
	}
}
