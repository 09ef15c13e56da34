package event

import (
	"cmp"
	"errors"
	"strconv"
)

func (p Positions) check() error {
	return cmp.Or(
		position("positions.intents", p.Intents),
		position("positions.status", p.Status),
		position("positions.capacity", p.Capacity),
	)
}

func checkKind(k Kind) error { return oneOf("kind", k, KindService, KindJob, KindVM) }

func (t *Taint) check() error {
	return cmp.Or(
		word("key", t.Key, maxName),
		text("value", t.Value, maxName),
		oneOf("effect", t.Effect, TaintEffectNoSchedule, TaintEffectPreferNoSchedule, TaintEffectNoExecute),
	)
}

func (t *Toleration) check() error {
	if t.Key == "" && t.Operator != TolerationOperatorExists {
		return errors.New("key: missing; only the operator Exists goes without")
	}
	return cmp.Or(
		text("key", t.Key, maxName),
		text("value", t.Value, maxName),
		oneOf("operator", t.Operator, "", TolerationOperatorEqual, TolerationOperatorExists),
		oneOf("effect", t.Effect, "", TaintEffectNoSchedule, TaintEffectPreferNoSchedule, TaintEffectNoExecute),
		within("seconds", t.Seconds, 0, maxSeconds),
	)
}

func (r *Requirement) check() error {
	return cmp.Or(
		word("key", r.Key, maxName),
		texts("values", r.Values, maxName, 256),
		r.checkOperator(),
	)
}

var (
	errValuesMissing = errors.New("values: In and NotIn want at least one")
	errValuesExtra   = errors.New("values: Exists and DoesNotExist want none")
	errValuesInteger = errors.New("values: Gt and Lt want exactly one integer")
)

// checkOperator checks that the values fit the operator.
func (r *Requirement) checkOperator() error {
	switch r.Operator {
	case OperatorIn, OperatorNotIn:
		if len(r.Values) == 0 {
			return errValuesMissing
		}
	case OperatorExists, OperatorDoesNotExist:
		if len(r.Values) != 0 {
			return errValuesExtra
		}
	case OperatorGt, OperatorLt:
		if len(r.Values) != 1 {
			return errValuesInteger
		}
		if _, err := strconv.ParseInt(r.Values[0], 10, 64); err != nil {
			return errValuesInteger
		}
	default:
		return oneOf("operator", r.Operator, OperatorIn, OperatorNotIn, OperatorExists,
			OperatorDoesNotExist, OperatorGt, OperatorLt)
	}
	return nil
}

var errGPU = errors.New("gpuMilli: a share is below 1000, whole devices are a multiple of 1000")

func (r *Resources) check() error {
	if r.GPUMilli > 1000 && r.GPUMilli%1000 != 0 {
		return errGPU
	}
	return cmp.Or(
		amount("cpuMilli", r.CPUMilli),
		amount("memoryBytes", r.MemoryBytes),
		amount("gpuMilli", r.GPUMilli),
		extended(r.Extended),
	)
}

func (u *ShapeUse) check() error {
	return cmp.Or(
		word("shape", u.Shape, maxName),
		replicas("replicas", u.Replicas),
		each("on", u.On, 64, (*FreeNodes).check),
	)
}

// checkShapeUses checks which shapes carry an assignment: each at most once.
func checkShapeUses(uses []ShapeUse) error {
	return cmp.Or(
		each("shapes", uses, 4096, (*ShapeUse).check),
		unique("shapes", uses, func(u *ShapeUse) string { return u.Shape }),
	)
}
