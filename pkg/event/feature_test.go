package event

import (
	"slices"
	"testing"
)

// TestAskedBy asks one template after the other for all features.
func TestAskedBy(t *testing.T) {
	with := func(change func(*Template)) Template {
		var out Template
		change(&out)
		return out
	}
	on := func(operator Operator, values ...string) []Requirement {
		return []Requirement{{Key: "disk", Operator: operator, Values: values}}
	}
	for name, c := range map[string]struct {
		kind     Kind
		template Template
		nodes    []Requirement
		want     []Feature
	}{
		"plain":               {kind: KindService},
		"a secret":            {kind: KindJob, template: with(func(t *Template) { t.References = []Reference{{Name: "db", Secret: true}} }), want: []Feature{FeatureReference}},
		"checked by command":  {kind: KindService, template: with(func(t *Template) { t.Health = &HealthCheck{Command: []string{"true"}} }), want: []Feature{FeatureHealthCommand}},
		"checked by port":     {kind: KindService, template: with(func(t *Template) { t.Health = &HealthCheck{Port: 80} }), want: []Feature{FeatureHealthTcp}},
		"checked by path":     {kind: KindService, template: with(func(t *Template) { t.Health = &HealthCheck{Port: 80, HTTPPath: "/"} }), want: []Feature{FeatureHealthHTTP}},
		"a service that ends": {kind: KindService, template: with(func(t *Template) { t.Restart = RestartPolicyNever }), want: []Feature{FeatureEndingService}},
		"a job that ends":     {kind: KindJob, template: with(func(t *Template) { t.Restart = RestartPolicyNever })},
		"always restarted":    {kind: KindService, template: with(func(t *Template) { t.Restart = RestartPolicyAlways })},
		"half a device":       {kind: KindJob, template: with(func(t *Template) { t.Resources.GPUMilli = 500 }), want: []Feature{FeatureGPUShare}},
		"two devices":         {kind: KindJob, template: with(func(t *Template) { t.Resources.GPUMilli = 2000 })},
		"one value":           {kind: KindService, nodes: on(OperatorIn, "ssd")},
		"not these":           {kind: KindService, nodes: on(OperatorNotIn, "hdd", "tape")},
		"one of two":          {kind: KindService, nodes: on(OperatorIn, "ssd", "nvme"), want: []Feature{FeatureNodeAnyOf}},
		"has":                 {kind: KindService, nodes: on(OperatorExists), want: []Feature{FeatureNodeExists}},
		"has not":             {kind: KindService, nodes: on(OperatorDoesNotExist), want: []Feature{FeatureNodeExists}},
		"more than":           {kind: KindService, nodes: on(OperatorGt, "3"), want: []Feature{FeatureNodeCompare}},
		"all at once": {kind: KindService, nodes: slices.Concat(on(OperatorLt, "3"), on(OperatorExists)),
			template: with(func(t *Template) { t.Health = &HealthCheck{Port: 1, Command: []string{"x"}} }),
			want:     []Feature{FeatureHealthCommand, FeatureHealthTcp, FeatureNodeCompare, FeatureNodeExists}},
	} {
		var got []Feature
		for _, f := range Features {
			if f.AskedBy(c.kind, &c.template, c.nodes) {
				got = append(got, f)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: asks for %v, want %v", name, got, c.want)
		}
	}
}
