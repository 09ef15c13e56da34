package placement

import (
	"context"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering"
	"fairlead.dev/pkg/steering/solve"
)

// planLife is for how many periods a plan counts that nothing newer replaces.
const planLife = 30

// steerDue is the shell's timer for plans: the state is summed up, and the shell has it
// solved beside the loop.
type steerDue struct{}

func (steerDue) step(l *loop) {
	if l.solving || !l.leads() || l.broken != nil {
		return
	}
	if sum := l.state.Steering(); sum != nil && len(sum.Classes) > 0 {
		l.solving, l.out.solve = true, sum
	}
}

// solved is a plan for the state as it was when it was summed up.
type solved struct{ plan *event.SteeringPlanned }

func (in solved) step(l *loop) {
	l.solving = false
	if !l.leads() || l.broken != nil || l.open.full || l.steered.serves(in.plan) {
		return // the next one comes soon
	}
	in.plan.Positions = l.state.Positions()
	if l.add(in.plan) {
		l.steered = steered(in)
	}
}

// steered is the plan that this leader recorded last.
type steered struct{ plan *event.SteeringPlanned }

// serves says whether the plan does as well as a newer one: it says the same, or
// nothing as this one, and has time left.
func (s steered) serves(newer *event.SteeringPlanned) bool {
	old := s.plan
	if old == nil {
		return silent(newer)
	}
	return old.By == newer.By && slices.Equal(old.Groups, newer.Groups) && slices.Equal(old.Quotas, newer.Quotas) &&
		(silent(newer) || newer.Observed-old.Observed < old.ValidMillis/2)
}

// silent says whether decisions would be the same without the plan.
func silent(p *event.SteeringPlanned) bool {
	return len(p.Quotas) == 0 && !slices.ContainsFunc(p.Groups, func(g event.SteeringGroup) bool { return g.CPU+g.Memory+g.GPU > 0 })
}

// steer asks the loop for plans from time to time.
func (s *shell) steer(ctx context.Context) {
	period := time.NewTicker(s.cfg.SteerEvery)
	defer period.Stop()
	for {
		select {
		case <-period.C:
			s.give(ctx, steerDue{})
		case <-ctx.Done():
			return
		}
	}
}

// solve makes a plan, which takes up to a second, and gives it to the loop.
func (s *shell) solve(ctx context.Context, sum *steering.Summary) {
	s.give(ctx, solved{solve.Plan(sum, planLife*s.cfg.SteerEvery.Milliseconds())})
}
