package manifest_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

var scheme = manifest.Scheme{Cluster: "eu-1", Prefix: "fl-"}

// TestServiceNames: what Swarm takes, whole where there is room, and never the same for two workloads,
// however alike their names begin.
func TestServiceNames(t *testing.T) {
	label := rapid.StringMatching(`[a-z0-9](-{0,3}[a-z0-9]{1,3}){0,15}`)
	long := rapid.Map(rapid.IntRange(1, 40), func(n int) string { return strings.Repeat("a", 23+n) })
	names := map[string]event.WorkloadID{}
	rapid.Check(t, func(t *rapid.T) {
		w := event.WorkloadID{
			Tenant: event.Tenant(rapid.OneOf(label, long).Draw(t, "tenant")),
			Name:   event.WorkloadName(rapid.OneOf(label, long).Draw(t, "name")),
		}
		if len(w.Tenant) > 63 || len(w.Name) > 63 {
			t.Skip("no names")
		}
		name := scheme.Service(w)
		if len(name) > 63 || strings.HasSuffix(name, "-") {
			t.Fatalf("%s is named %q", w, name)
		}
		if whole := "fl-" + string(w.Tenant) + "_" + string(w.Name); len(whole) <= 63 && name != whole {
			t.Fatalf("%s is named %q without need", w, name)
		}
		if other, taken := names[name]; taken && other != w {
			t.Fatalf("%s and %s are both named %q", w, other, name)
		}
		names[name] = w
	})
}

// TestPrefix: what would make a name that Swarm refuses, or one that reads as another's, is refused.
func TestPrefix(t *testing.T) {
	for prefix, ok := range map[string]bool{"fl-": true, "team-7-": true, "fl": false, "": false, "-": false, "Fl-": false, "a_b-": false, strings.Repeat("a", 20) + "-": false} {
		if err := (manifest.Scheme{Cluster: "eu-1", Prefix: prefix}).Validate(); (err == nil) != ok {
			t.Errorf("prefix %q: %v", prefix, err)
		}
	}
}

// TestOwner: nothing of another cluster's, of nobody's, or half marked, is ours.
func TestOwner(t *testing.T) {
	w := event.WorkloadID{Tenant: "shop", Name: "web"}
	if got, ours := scheme.Owner(scheme.Labels(w)); !ours || got != w {
		t.Errorf("own labels: %v, ours %t", got, ours)
	}
	other := manifest.Scheme{Cluster: "eu-2", Prefix: "fl-"}.Labels(w)
	half := scheme.Labels(w)
	delete(half, manifest.LabelTenant)
	for name, labels := range map[string]map[string]string{"none": nil, "another cluster's": other, "half": half} {
		if got, ours := scheme.Owner(labels); ours {
			t.Errorf("%s: ours, of %v", name, got)
		}
	}
}

// TestRefusals: what cannot be mapped is refused for a reason, and is in Lacks where placement can know.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*agent.Desired)
		reason event.RejectReason
		lack   event.Feature
	}{
		"a machine":             {func(d *agent.Desired) { d.Kind = event.KindVM }, event.RejectReasonUnsupported, ""},
		"a secret":              {func(d *agent.Desired) { d.Template.References = []event.Reference{{Name: "db", Secret: true}} }, event.RejectReasonUnsupported, event.FeatureReference},
		"a check by port":       {func(d *agent.Desired) { d.Template.Health = &event.HealthCheck{Port: 80} }, event.RejectReasonUnsupported, event.FeatureHealthTcp},
		"a check by path":       {func(d *agent.Desired) { d.Template.Health = &event.HealthCheck{Port: 80, HTTPPath: "/"} }, event.RejectReasonUnsupported, event.FeatureHealthHTTP},
		"an empty check":        {func(d *agent.Desired) { d.Template.Health = &event.HealthCheck{} }, event.RejectReasonInvalid, ""},
		"half a device":         {func(d *agent.Desired) { d.Template.Resources.GPUMilli = 500 }, event.RejectReasonUnsupported, event.FeatureGPUShare},
		"a service that ends":   {func(d *agent.Desired) { d.Template.Restart = event.RestartPolicyNever }, event.RejectReasonUnsupported, event.FeatureEndingService},
		"a job without end":     {func(d *agent.Desired) { d.Kind, d.Template.Restart = event.KindJob, event.RestartPolicyAlways }, event.RejectReasonInvalid, ""},
		"one of two":            {on(event.OperatorIn, "ssd", "nvme"), event.RejectReasonUnsupported, event.FeatureNodeAnyOf},
		"has a label":           {on(event.OperatorExists), event.RejectReasonUnsupported, event.FeatureNodeExists},
		"more than":             {on(event.OperatorGt, "3"), event.RejectReasonUnsupported, event.FeatureNodeCompare},
		"a value of Swarm's no": {on(event.OperatorIn, "a=b"), event.RejectReasonUnsupported, ""},
		"an image of nobody":    {func(d *agent.Desired) { d.Template.Image = "Not An Image" }, event.RejectReasonInvalid, ""},
		"no image":              {func(d *agent.Desired) { d.Template.Image = "" }, event.RejectReasonInvalid, ""},
		"our label":             {func(d *agent.Desired) { d.Labels = map[string]string{manifest.LabelToken: "9"} }, event.RejectReasonInvalid, ""},
		"a stack's label":       {func(d *agent.Desired) { d.Labels = map[string]string{"com.docker.stack.namespace": "x"} }, event.RejectReasonInvalid, ""},
	} {
		d := agent.Desired{Workload: event.WorkloadID{Tenant: "shop", Name: "web"}, Kind: event.KindService, Replicas: 1, Template: event.Template{Image: "app:1"}}
		c.change(&d)
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

func on(operator event.Operator, values ...string) func(*agent.Desired) {
	return func(d *agent.Desired) {
		d.Nodes = []event.Requirement{{Key: "disk", Operator: operator, Values: values}}
	}
}
