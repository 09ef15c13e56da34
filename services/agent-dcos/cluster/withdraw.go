package cluster

import (
	"context"
	"net/http"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/services/agent-dcos/dcos"
)

// Withdraw implements agent.Orchestrator: main is removed and the fence becomes a tombstone in one step.
func (c *Cluster) Withdraw(ctx context.Context, w agent.Withdrawal) error {
	err := c.insist(ctx, w.Workload, 0, func(force bool) error { return c.withdraw(ctx, w, force) })
	if err == nil {
		c.hints.Give()
	}
	return refusal(act(err, "withdraw", w.Workload))
}

func (c *Cluster) withdraw(ctx context.Context, w agent.Withdrawal, force bool) error {
	p, err := c.read(ctx, w.Workload)
	switch {
	case err != nil:
		return err
	case p.Token() > w.Token:
		return agent.ErrStale
	case p.Main == nil && p.Withdrawn() && p.Token() == w.Token:
		return nil
	}
	tombstone := c.scheme.Tombstone(w, time.Now())
	if p.Foreign == "" {
		p.Count(tombstone)
		return c.write(ctx, p, w.Token, c.scheme.GroupOf(w.Workload, tombstone), force)
	}
	if p.Fence != nil { // to write the group would write over what is foreign in it
		return nil
	}
	// Beside what is foreign: while that is there no command can be applied, and afterwards none that is older.
	err = c.marathon.CreateApp(ctx, tombstone)
	if dcos.Is(err, http.StatusConflict) || dcos.Is(err, http.StatusUnprocessableEntity) {
		return nil // below an app there can be nothing
	}
	return err
}
