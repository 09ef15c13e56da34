package placement

import (
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering/solve"
)

// A plan is made of the state, solved beside the loop, recorded once, and followed by
// whoever folds the log.
func TestPlansAreRecorded(t *testing.T) {
	s := placed(t)
	if out := s.step(steerDue{}); out.solve != nil {
		t.Fatal("a plan although nothing has a price")
	}
	s.publish("prefer", "op", &event.PolicySet{Prefer: []event.Preference{{Score: event.ScorePrice, Weight: 1}}})
	for c := range s.agents {
		s.publish("price-"+string(c), "op", &event.PriceSet{Cluster: c, Prices: []event.Price{{CPU: 10, Memory: 1}}})
	}
	s.submit("web")
	s.read()
	out := s.step(steerDue{})
	if out.solve == nil {
		t.Fatal("no summary to solve")
	}
	if again := s.step(steerDue{}); again.solve != nil {
		t.Error("asked for another plan while one is being solved")
	}
	plan := solve.Plan(out.solve, 60_000)
	plan.Groups[0].CPU = 7 // so that it says something
	before := s.loop.state.Position()
	s.step(solved{plan})
	if got, ok := s.loop.last.Data.(*event.SteeringPlanned); !ok || got.Groups[0].CPU != 7 || got.Positions != s.loop.state.Positions() {
		t.Fatalf("recorded %+v", s.loop.last.Data)
	}
	if s.loop.state.Position() != before+1 {
		t.Error("the state did not take the plan")
	}
	same := *plan
	s.step(solved{&same})
	if s.loop.state.Position() != before+1 {
		t.Error("the same plan was recorded twice")
	}
}

func TestSilentPlansAreNotRecorded(t *testing.T) {
	nothing := &event.SteeringPlanned{By: event.SteeringPlannedByCluster, Groups: []event.SteeringGroup{{Name: "a"}}, ValidMillis: 10}
	something := &event.SteeringPlanned{By: event.SteeringPlannedByCluster, Groups: []event.SteeringGroup{{Name: "a", CPU: 1}}, ValidMillis: 10}
	later := *something
	later.Observed = 5
	for name, c := range map[string]struct {
		old, newer *event.SteeringPlanned
		want       bool
	}{
		"nothing to say":         {nil, nothing, true},
		"something to say":       {nil, something, false},
		"nothing any more":       {something, nothing, false},
		"the same":               {something, something, true},
		"the same, half expired": {something, &later, false},
	} {
		if got := (steered{c.old}).serves(c.newer); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
