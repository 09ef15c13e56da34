package agentsim_test

import (
	"errors"
	"testing"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	agentsim "fairlead.dev/services/agent-sim"
)

// A cluster restored from a backup has what it had then, with the tokens of then: what was
// withdrawn since is back, and may be withdrawn again by a token that is newer than it.
func TestRestoreBringsThePastBack(t *testing.T) {
	clock := newClock()
	c := agentsim.New(agentsim.Spec{Name: "a", Nodes: []agentsim.Nodes{{Count: 2, Shape: "s", CPU: 4000, Memory: 8 << 30}}}, agentsim.WithClock(clock.read))
	q := event.Resources{CPUMilli: 1000, MemoryBytes: 1 << 30}
	apply(t, c, want("a", 1, 2, q))
	b := c.Backup()
	apply(t, c, want("b", 2, 1, q))
	if err := c.Withdraw(t.Context(), agent.Withdrawal{Workload: workload("a"), Token: 3}); err != nil {
		t.Fatal(err)
	}
	c.Restore(b)
	v := observe(t, c)
	if len(v.Objects) != 1 || v.Objects[0].Workload != workload("a") || v.Objects[0].Token != 1 || v.Objects[0].Ready != 2 {
		t.Fatalf("after the restore there is %+v", v.Objects)
	}
	if err := c.Withdraw(t.Context(), agent.Withdrawal{Workload: workload("a"), Token: 3}); err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(t.Context(), want("a", 2, 1, q)); !errors.Is(err, agent.ErrStale) {
		t.Fatalf("an older token than the withdrawal's: %v", err)
	}
	if found := c.Audit(); len(found) > 0 {
		t.Fatal(found)
	}
}
