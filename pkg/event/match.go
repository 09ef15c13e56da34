package event

import (
	"slices"
	"strconv"
)

// Matches says whether labels meet the requirement. An absent label meets NotIn and
// DoesNotExist, as in Kubernetes.
func (r *Requirement) Matches(labels map[string]string) bool {
	value, has := labels[r.Key]
	return r.Met(value, has)
}

// Met says whether a value, or its absence, meets the requirement. Gt and Lt compare
// integers; what is none never meets them, and neither does an unknown operator.
func (r *Requirement) Met(value string, has bool) bool {
	switch r.Operator {
	case OperatorExists:
		return has
	case OperatorDoesNotExist:
		return !has
	case OperatorIn:
		return has && slices.Contains(r.Values, value)
	case OperatorNotIn:
		return !has || !slices.Contains(r.Values, value)
	}
	if !has || len(r.Values) != 1 {
		return false
	}
	have, err := strconv.ParseInt(value, 10, 64)
	limit, err2 := strconv.ParseInt(r.Values[0], 10, 64)
	if err != nil || err2 != nil {
		return false
	}
	return r.Operator == OperatorGt && have > limit || r.Operator == OperatorLt && have < limit
}

// Tolerates says whether the toleration covers the taint: key and effect where they
// are given, and the value unless the operator is Exists.
func (t *Toleration) Tolerates(taint Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect {
		return false
	}
	exists := t.Operator == TolerationOperatorExists
	if t.Key != taint.Key {
		return t.Key == "" && exists
	}
	return exists || t.Value == taint.Value
}

// Repelled gives the first taint that keeps away what has these tolerations, nil if
// none does. PreferNoSchedule keeps nobody away.
func Repelled(taints []Taint, tolerations []Toleration) *Taint {
	for i, t := range taints {
		if t.Effect != TaintEffectPreferNoSchedule && !Tolerated(t, tolerations) {
			return &taints[i]
		}
	}
	return nil
}

// Tolerated says whether any of the tolerations covers the taint.
func Tolerated(t Taint, tolerations []Toleration) bool {
	return slices.ContainsFunc(tolerations, func(o Toleration) bool { return o.Tolerates(t) })
}
