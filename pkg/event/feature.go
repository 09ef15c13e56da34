package event

import "slices"

// Features are all of them, in order.
var Features = []Feature{
	FeatureEndingService, FeatureGPUShare, FeatureHealthCommand, FeatureHealthHTTP, FeatureHealthTcp,
	FeatureNodeAnyOf, FeatureNodeCompare, FeatureNodeExists, FeatureReference,
}

// AskedBy says whether a workload of the kind, by its portable template and its conditions on nodes,
// asks for the feature. Placement asks it of clusters that lack something, agents before they map.
func (f Feature) AskedBy(kind Kind, t *Template, nodes []Requirement) bool {
	switch f {
	case FeatureEndingService:
		return kind == KindService && t.Restart != "" && t.Restart != RestartPolicyAlways
	case FeatureGPUShare:
		return t.Resources.GPUMilli%1000 != 0
	case FeatureReference:
		return len(t.References) > 0
	case FeatureHealthCommand, FeatureHealthHTTP, FeatureHealthTcp:
		return t.Health != nil && f.checks(t.Health)
	}
	return slices.ContainsFunc(nodes, f.compares)
}

func (f Feature) checks(h *HealthCheck) bool {
	switch f {
	case FeatureHealthCommand:
		return len(h.Command) > 0
	case FeatureHealthHTTP:
		return h.HTTPPath != ""
	}
	return h.Port != 0 && h.HTTPPath == ""
}

func (f Feature) compares(r Requirement) bool {
	switch r.Operator {
	case OperatorIn:
		return f == FeatureNodeAnyOf && len(r.Values) > 1
	case OperatorExists, OperatorDoesNotExist:
		return f == FeatureNodeExists
	case OperatorGt, OperatorLt:
		return f == FeatureNodeCompare
	}
	return false
}
