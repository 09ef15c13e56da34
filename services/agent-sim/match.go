package agentsim

import (
	"slices"
	"strconv"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// open gives the shapes whose nodes the workload may use. The cluster decides this by
// itself, as a real scheduler would: that placement agrees is for tests to see.
func (c *Cluster) open(d *agent.Desired) []*shape {
	var out []*shape
	for _, s := range c.shapes {
		if admits(s, d) {
			out = append(out, s)
		}
	}
	return out
}

func admits(s *shape, d *agent.Desired) bool {
	if archs := d.Template.Architectures; len(archs) > 0 && s.Arch != "" && !slices.Contains(archs, s.Arch) {
		return false
	}
	for _, r := range d.Nodes {
		if !satisfied(r, s.Labels) {
			return false
		}
	}
	for _, t := range s.Taints {
		if t.Effect != event.TaintEffectPreferNoSchedule && !tolerated(t, d.Tolerations) {
			return false
		}
	}
	return true
}

func satisfied(r event.Requirement, labels map[string]string) bool {
	value, has := labels[r.Key]
	switch r.Operator {
	case event.OperatorExists:
		return has
	case event.OperatorDoesNotExist:
		return !has
	case event.OperatorIn:
		return has && slices.Contains(r.Values, value)
	case event.OperatorNotIn:
		return !has || !slices.Contains(r.Values, value)
	}
	if !has || len(r.Values) != 1 {
		return false
	}
	have, err1 := strconv.ParseInt(value, 10, 64)
	than, err2 := strconv.ParseInt(r.Values[0], 10, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	return r.Operator == event.OperatorGt && have > than || r.Operator == event.OperatorLt && have < than
}

func tolerated(t event.Taint, tolerations []event.Toleration) bool {
	return slices.ContainsFunc(tolerations, func(o event.Toleration) bool {
		exists := o.Operator == event.TolerationOperatorExists
		sameKey := o.Key == t.Key || o.Key == "" && exists
		sameEffect := o.Effect == "" || o.Effect == t.Effect
		return sameKey && sameEffect && (exists || o.Value == t.Value)
	})
}
