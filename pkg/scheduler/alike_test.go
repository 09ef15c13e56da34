package scheduler

import (
	"reflect"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
)

// TestAlike: what is thought of a cluster is asked again when its reports say something
// else, and of one for all that say the same.
func TestAlike(t *testing.T) {
	f := newFleet(t)
	for _, id := range []event.ClusterID{"a", "b"} {
		f.addCluster(id, map[string]string{"region": "eu"}, "small nodes=4 cpu=8 mem=32\n")
	}
	a, b := f.s.clusters.get("a"), f.s.clusters.get("b")
	f.fact(event.Intents, spec(t, "t/w", map[string]string{"cpu": "1", "mem": "1", "regions": "eu", "secrets": "db"}))
	q := f.s.workloads[mustID(t, "t/w")].query
	f.s.prepare(q)
	if !f.s.passes(q, a, false) || !f.s.passes(q, b, false) || f.s.known.alike(a) != f.s.known.alike(b) {
		t.Error("two clusters that say the same are not alike")
	}
	for what, change := range map[string]func(*event.ClusterCapacityReported){
		"region": func(r *event.ClusterCapacityReported) { r.Region = "us" },
		"taint": func(r *event.ClusterCapacityReported) {
			r.Taints = []event.Taint{{Key: "k", Effect: event.TaintEffectNoSchedule}}
		},
		"lacks":        func(r *event.ClusterCapacityReported) { r.Lacks = []event.Feature{event.FeatureReference} },
		"kinds":        func(r *event.ClusterCapacityReported) { r.Kinds = []event.Kind{event.KindJob} },
		"orchestrator": func(r *event.ClusterCapacityReported) { r.Orchestrator, r.Native = "nomad", []string{"nomad"} },
	} {
		rep := f.clusters["b"].rep
		change(&f.clusters["b"].rep)
		f.report("b")
		f.s.prepare(q)
		if f.s.known.alike(a) == f.s.known.alike(b) {
			t.Errorf("%s: still alike", what)
		}
		if want := what == "orchestrator"; f.s.passes(q, b, false) != want {
			t.Errorf("%s: passes is not %v", what, want)
		}
		f.clusters["b"].rep = rep
		f.report("b")
		if !f.s.passes(q, b, false) {
			t.Errorf("%s: closed for ever", what)
		}
	}
}

// TestAlikeWritesEveryFact makes whoever adds a fact to the report say whether checks
// that are alike look at it: then appendFacts must write it.
func TestAlikeWritesEveryFact(t *testing.T) {
	const (
		written = "Orchestrator Region Kinds Native Lacks Taints"
		others  = "Cluster Incarnation Report AppliedThrough Rejected Version Provider Zone Labels Leased Prices Rounded Shapes"
	)
	known := strings.Fields(written + " " + others)
	all := reflect.TypeFor[event.ClusterCapacityReported]()
	for i := range all.NumField() {
		name := all.Field(i).Name
		found := false
		for _, k := range known {
			found = found || k == name
		}
		if !found {
			t.Errorf("a report has %s now: does a check that is alike look at it?", name)
		}
	}
}
