package event

import (
	"cmp"
	"fmt"
)

// Validate checks the names, the numbers, the assignments and the refusals.
func (p *PlacementDecided) Validate() error {
	return cmp.Or(
		checkTarget(p.Tenant, p.Workload, p.Generation),
		oneOf("verdict", p.Verdict, VerdictPlaced, VerdictScaled, VerdictUpdated, VerdictMoved,
			VerdictHeld, VerdictRefused, VerdictEvicted,
			VerdictPreempted, VerdictCompleted, VerdictWithdrawn),
		replicas("replicas", p.Replicas),
		each("assignments", p.Assignments, 100_000, (*Assignment).check),
		inOrder(p.Assignments),
		each("refusals", p.Refusals, 64, (*Refusal).check),
		within("clusters", p.Clusters, 0, 1_000_000),
		within("attempt", p.Attempt, 0, 1_000_000),
		amount("notBefore", p.NotBefore),
		amount("observed", p.Observed),
		text("reason", p.Reason, maxMessage),
		p.Positions.check(),
		word("engine", p.Engine, maxWord),
		position("epoch", p.Epoch),
		p.checkCause(),
	)
}

// checkCause checks what led to the decision and what it costs.
func (p *PlacementDecided) checkCause() error {
	if p.Preempting != "" {
		if err := checkID("preempting", p.Preempting); err != nil {
			return err
		}
	}
	return cmp.Or(
		text("cause", string(p.Cause), maxWord),
		amount("price", p.Price),
		replicas("unfilled", p.Unfilled),
		each("victims", p.Victims, 1024, (*Victim).check),
		text("for", p.For, 127),
	)
}

func (v *Victim) check() error {
	return cmp.Or(checkID("tenant", v.Tenant), checkID("workload", v.Workload), within("replicas", v.Replicas, 1, maxReplicas))
}

// inOrder wants the assignments by cluster name, each cluster once: equal
// decisions have equal bytes.
func inOrder(list []Assignment) error {
	for i := 1; i < len(list); i++ {
		if list[i-1].Cluster >= list[i].Cluster {
			return fmt.Errorf("assignments[%d]: %q does not follow %q", i, list[i].Cluster, list[i-1].Cluster)
		}
	}
	return nil
}

func (a *Assignment) check() error {
	return cmp.Or(
		checkID("cluster", a.Cluster),
		replicas("replicas", a.Replicas),
		within("leaving", a.Leaving, 0, a.Replicas),
		checkShapeUses(a.Shapes),
		position("command", a.Command),
		position("incarnation", a.Incarnation),
		signed("score", a.Score),
		each("parts", a.Parts, 32, (*ScorePart).check),
		amount("price", a.Price),
		within("group", a.Group, 0, 1_000_000),
	)
}

func (s *ScorePart) check() error {
	return cmp.Or(word("part", s.Part, maxName), signed("value", s.Value), within("weight", s.Weight, -1000, 1000))
}

func (r *Refusal) check() error {
	if r.Nearest != "" {
		if err := checkID("nearest", r.Nearest); err != nil {
			return err
		}
	}
	return cmp.Or(
		word("check", r.Check, maxWord),
		within("clusters", r.Clusters, 0, 1_000_000),
		signed("need", r.Need),
		signed("have", r.Have),
		text("message", r.Message, maxMessage),
	)
}

// Validate checks the times and the positions.
func (p *PlacementTicked) Validate() error {
	return cmp.Or(amount("observed", p.Observed), amount("store", p.Store), p.Positions.check())
}

// Validate checks the number, the leader and the positions.
func (p *EpochStarted) Validate() error {
	return cmp.Or(
		ordinal("epoch", p.Epoch),
		word("leader", p.Leader, maxName),
		word("engine", p.Engine, maxWord),
		textMap("streams", p.Streams, maxLabel, maxLabels),
		p.Positions.check(),
		p.Rules.Validate(),
	)
}

// Validate checks the ranges; there may be no rules.
func (r *Rules) Validate() error {
	if r == nil {
		return nil
	}
	return cmp.Or(
		ordinal("rules.tickMillis", uint64(max(r.TickMillis, 0))),
		amount("rules.suspectMillis", r.SuspectMillis),
		amount("rules.lostMillis", r.LostMillis),
		within("rules.evictionsPerSecond", r.EvictionsPerSecond, 0, 1_000_000),
		within("rules.massPercent", r.MassPercent, 0, 100),
		within("rules.tries", r.Tries, 0, 1_000_000),
		amount("rules.backoffMillis", r.BackoffMillis),
		amount("rules.maxBackoffMillis", r.MaxBackoffMillis),
	)
}

// Validate checks the number and the leader.
func (p *EpochEnded) Validate() error {
	return cmp.Or(ordinal("epoch", p.Epoch), word("leader", p.Leader, maxName))
}
