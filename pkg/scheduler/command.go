package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// owedCommand is a command that a recorded decision implies and that is not
// recorded yet. It is derived again under the same number after a crash.
type owedCommand struct {
	Cluster event.ClusterID `json:"cluster"`
	Number  uint64          `json:"number"`
}

// nextOwed builds the oldest owed command; nil if none is owed.
func (s *State) nextOwed() event.Payload {
	if len(s.owed) == 0 {
		return nil
	}
	c := s.clusters.byName[s.owed[0].Cluster]
	for _, t := range slices.Backward(c.pending) {
		if t.Number == s.owed[0].Number && !t.is(superseded) && !t.implied() {
			return s.command(c, t)
		}
	}
	return nil
}

func (s *State) command(c *cluster, t *told) event.Payload {
	w := t.seat.w
	if t.held() == 0 {
		return &event.CommandWithdraw{
			Cluster: c.id, Incarnation: c.synced, Number: t.Number, Epoch: s.epoch,
			Tenant: w.id.Tenant, Workload: w.id.Name, Generation: t.Generation,
		}
	}
	spec := w.specOf(t.Generation)
	template, labels := overridden(spec, c.report)
	return &event.CommandPlace{
		Cluster: c.id, Incarnation: c.synced, Number: t.Number, Epoch: s.epoch,
		Tenant: w.id.Tenant, Workload: w.id.Name, Generation: t.Generation,
		Kind: spec.Kind, Replicas: t.held(), Shapes: t.footprint.shapes(), Template: template, Native: spec.Native,
		Nodes: spec.Policy.Nodes, Tolerations: spec.Policy.Tolerations, Labels: labels,
	}
}
