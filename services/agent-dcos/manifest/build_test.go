package manifest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
)

var update = flag.Bool("update", false, "write the golden files")

var scheme = manifest.Scheme{Cluster: "eu-1", Root: "/fairlead"}

func desired(change func(*agent.Desired)) agent.Desired {
	d := agent.Desired{
		Workload: event.WorkloadID{Tenant: "shop", Name: "web"}, Token: 7, Generation: 3, Hash: "hash",
		Kind: event.KindService, Replicas: 2, Template: event.Template{Image: "app:1"},
	}
	change(&d)
	return d
}

func nodes(operator event.Operator, values ...string) func(*agent.Desired) {
	return func(d *agent.Desired) {
		d.Nodes = append(d.Nodes, event.Requirement{Key: "topology.kubernetes.io/zone", Operator: operator, Values: values})
	}
}

func native(text string) func(*agent.Desired) {
	return func(d *agent.Desired) {
		d.Native = map[string]json.RawMessage{manifest.Native: json.RawMessage(text)}
		d.Template = event.Template{Resources: event.Resources{CPUMilli: 500, MemoryBytes: 100<<20 + 1}}
	}
}

// TestBuild compares with what was looked over, in testdata.
func TestBuild(t *testing.T) {
	for name, change := range map[string]func(*agent.Desired){
		"smallest": func(*agent.Desired) {},
		"everything": func(d *agent.Desired) {
			d.Labels = map[string]string{"team": "shop"}
			d.Template = event.Template{
				Image: "registry.example/app:2", Command: []string{"/app", "serve"}, Args: []string{"-v"}, Env: map[string]string{"A": "b"},
				Ports:         []event.Port{{Name: "http", Port: 8080}, {Port: 53, Protocol: event.ProtocolUdp}},
				Resources:     event.Resources{CPUMilli: 250, MemoryBytes: 100<<20 + 1},
				Health:        &event.HealthCheck{HTTPPath: "/healthz", Port: 8080, PeriodSeconds: 5, TimeoutSeconds: 2, FailureThreshold: 3},
				Architectures: []string{"amd64", "arm64"}, MaxSurge: 2, MaxUnavailable: 1,
			}
		},
		"gpus":          func(d *agent.Desired) { d.Template.Resources.GPUMilli = 2000 },
		"check-by-port": func(d *agent.Desired) { d.Template.Health = &event.HealthCheck{Port: 53} },
		"check-by-command": func(d *agent.Desired) {
			d.Template.Health = &event.HealthCheck{Command: []string{"test", "-f", "it's there"}}
		},
		"conditions": func(d *agent.Desired) {
			nodes(event.OperatorIn, "a.1", "b")(d)
			nodes(event.OperatorNotIn, "c")(d)
			nodes(event.OperatorExists)(d)
			nodes(event.OperatorDoesNotExist)(d)
		},
		"native": func(d *agent.Desired) {
			native(`{"id":"/old","cmd":"run","cpus":0.25,"instances":9,"labels":{"a":"b"},"constraints":[["hostname","UNIQUE"]],"backoffFactor":1.50}`)(d)
			nodes(event.OperatorIn, "a")(d)
		},
	} {
		m, err := scheme.Build(desired(change), manifest.Keys{}.WithDefaults())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := json.MarshalIndent(scheme.GroupOf(desired(change).Workload, m.Main, m.Fence), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, append(got, '\n'))
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s (-update writes it):\n%s\nwant\n%s", path, got, want)
	}
}

// TestRefusals: what cannot be mapped is refused for a reason, and is in Lacks where placement can know.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*agent.Desired)
		reason event.RejectReason
		lack   event.Feature
	}{
		"a job":                {func(d *agent.Desired) { d.Kind = event.KindJob }, event.RejectReasonUnsupported, ""},
		"a secret":             {func(d *agent.Desired) { d.Template.References = []event.Reference{{Name: "db", Secret: true}} }, event.RejectReasonUnsupported, event.FeatureReference},
		"half a device":        {func(d *agent.Desired) { d.Template.Resources.GPUMilli = 500 }, event.RejectReasonUnsupported, event.FeatureGPUShare},
		"a service that ends":  {func(d *agent.Desired) { d.Template.Restart = event.RestartPolicyNever }, event.RejectReasonUnsupported, event.FeatureEndingService},
		"more than":            {nodes(event.OperatorGt, "3"), event.RejectReasonUnsupported, event.FeatureNodeCompare},
		"an extended resource": {func(d *agent.Desired) { d.Template.Resources.Extended = map[string]int64{"x": 1} }, event.RejectReasonUnsupported, ""},
		"missing ones alone":   {func(d *agent.Desired) { d.Template.MaxUnavailable = 1 }, event.RejectReasonUnsupported, ""},
		"an entry with GPUs":   {func(d *agent.Desired) { d.Template.Command, d.Template.Resources.GPUMilli = []string{"x"}, 1000 }, event.RejectReasonUnsupported, ""},
		"an empty check":       {func(d *agent.Desired) { d.Template.Health = &event.HealthCheck{} }, event.RejectReasonInvalid, ""},
		"no image":             {func(d *agent.Desired) { d.Template.Image = "" }, event.RejectReasonInvalid, ""},
		"our label":            {func(d *agent.Desired) { d.Labels = map[string]string{manifest.LabelTenant: "x"} }, event.RejectReasonInvalid, ""},
		"a package's label":    {func(d *agent.Desired) { d.Labels = map[string]string{"DCOS_SERVICE_NAME": "x"} }, event.RejectReasonInvalid, ""},
		"no object":            {native(`[]`), event.RejectReasonInvalid, ""},
		"a rollback":           {native(`{"cmd":"x","version":"2020-01-01T00:00:00.000Z"}`), event.RejectReasonInvalid, ""},
		"more CPU":             {native(`{"cmd":"x","cpus":0.501}`), event.RejectReasonInvalid, ""},
		"more memory":          {native(`{"cmd":"x","mem":102}`), event.RejectReasonInvalid, ""},
		"less than nothing":    {native(`{"cmd":"x","mem":-1}`), event.RejectReasonInvalid, ""},
		"text for an amount":   {native(`{"cmd":"x","gpus":"1"}`), event.RejectReasonInvalid, ""},
		"labels of numbers":    {native(`{"cmd":"x","labels":{"a":1}}`), event.RejectReasonInvalid, ""},
		"a label of ours":      {native(`{"cmd":"x","labels":{"fairlead.dev/token":"9"}}`), event.RejectReasonInvalid, ""},
		"conditions as text":   {native(`{"cmd":"x","constraints":"UNIQUE"}`), event.RejectReasonInvalid, ""},
	} {
		d := desired(c.change)
		_, err := scheme.Build(d, manifest.Keys{}.WithDefaults())
		var r *agent.Rejection
		if !errors.As(err, &r) || r.Reason != c.reason || r.Message == "" {
			t.Errorf("%s: %v, want a rejection for %s", name, err, c.reason)
		}
		for _, f := range manifest.Lacks() {
			if asked := f.AskedBy(d.Kind, &d.Template, d.Nodes); asked != (f == c.lack) {
				t.Errorf("%s: asks for %s: %t", name, f, asked)
			}
		}
	}
}

// TestAllArch: nodes that do not say their architecture are judged by what the agent was told.
func TestAllArch(t *testing.T) {
	d := desired(func(d *agent.Desired) { d.Template.Architectures = []string{"amd64"} })
	m, err := scheme.Build(d, manifest.Keys{AllArch: "amd64"}.WithDefaults())
	if err != nil || m.Main["constraints"] != nil {
		t.Errorf("%v, %v: want no condition", m, err)
	}
}

// TestScheme: every name that a workload may have makes a path that Marathon takes.
func TestScheme(t *testing.T) {
	for root, good := range map[string]bool{"/fairlead": true, "/a/b-c": true, "fairlead": false, "/": false, "/A": false, "/a/": false, "/-a": false} {
		if err := (manifest.Scheme{Root: root}).Validate(); (err == nil) != good {
			t.Errorf("%s: %v", root, err)
		}
	}
}
