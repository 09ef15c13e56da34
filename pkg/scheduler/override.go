package scheduler

import (
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// overridden is the template and the labels as the cluster gets them: what the policy
// changes for it lies on top, later overrides on earlier ones. Room is never changed.
// The facts of the cluster count as they are when the command is built.
func overridden(spec *event.WorkloadSubmitted, rep *event.ClusterCapacityReported) (event.Template, map[string]string) {
	t, labels := spec.Template, spec.Labels
	for i := range spec.Policy.Overrides {
		o := &spec.Policy.Overrides[i]
		if len(o.Clusters) > 0 && (rep == nil || !meets(o.Clusters, rep)) {
			continue
		}
		if o.Image != "" {
			t.Image = o.Image
		}
		if len(o.Command) > 0 {
			t.Command = slices.Clone(o.Command)
		}
		if len(o.Args) > 0 {
			t.Args = slices.Clone(o.Args)
		}
		t.Env, labels = overlaid(t.Env, o.Env), overlaid(labels, o.Labels)
	}
	return t, labels
}

// overlaid is a with b on top.
func overlaid(a, b map[string]string) map[string]string {
	if len(b) == 0 {
		return a
	}
	out := maps.Clone(a)
	if out == nil {
		out = make(map[string]string, len(b))
	}
	maps.Copy(out, b)
	return out
}
