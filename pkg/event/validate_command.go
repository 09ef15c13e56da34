package event

import (
	"cmp"
	"fmt"
)

// Validate checks the addressee, the numbers and what is to run.
func (p *CommandPlace) Validate() error {
	return cmp.Or(
		checkCommand(p.Cluster, p.Incarnation, p.Number, p.Epoch),
		checkTarget(p.Tenant, p.Workload, p.Generation),
		checkKind(p.Kind),
		replicas("replicas", p.Replicas),
		checkShapeUses(p.Shapes),
		p.Template.check(),
		checkNative(p.Native),
		each("nodes", p.Nodes, 64, (*Requirement).check),
		each("tolerations", p.Tolerations, 64, (*Toleration).check),
		labels(p.Labels),
	)
}

// Validate checks the addressee and the numbers.
func (p *CommandWithdraw) Validate() error {
	return cmp.Or(
		checkCommand(p.Cluster, p.Incarnation, p.Number, p.Epoch),
		checkTarget(p.Tenant, p.Workload, p.Generation),
	)
}

// checkCommand checks what every numbered command has.
func checkCommand(c ClusterID, incarnation, number, epoch uint64) error {
	return cmp.Or(
		checkID("cluster", c),
		ordinal("incarnation", incarnation),
		ordinal("number", number),
		position("epoch", epoch),
	)
}

func checkTarget(t Tenant, w WorkloadName, generation uint64) error {
	return cmp.Or(
		checkID("tenant", t),
		checkID("workload", w),
		position("generation", generation),
	)
}

// Validate checks the addressee and that the range of commands is one.
func (p *CommandSynchronise) Validate() error {
	if p.Through < p.First-1 && p.First > 0 {
		return fmt.Errorf("through: %d comes before first %d", p.Through, p.First)
	}
	return cmp.Or(
		checkID("cluster", p.Cluster),
		ordinal("incarnation", p.Incarnation),
		position("epoch", p.Epoch),
		ordinal("first", p.First),
		position("through", p.Through),
		p.Positions.check(),
	)
}

// Validate checks the names, the numbers and the reason.
func (p *CommandRejected) Validate() error {
	return cmp.Or(
		checkID("cluster", p.Cluster),
		checkTarget(p.Tenant, p.Workload, 0),
		ordinal("incarnation", p.Incarnation),
		position("report", p.Report),
		ordinal("number", p.Number),
		oneOf("reason", p.Reason, RejectReasonCapacity, RejectReasonQuota, RejectReasonInvalid,
			RejectReasonForbidden, RejectReasonConflict, RejectReasonUnsupported, RejectReasonDeadline),
		text("message", p.Message, maxMessage),
	)
}
