package agentsim

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// The answers of a cluster that is not well. Their operations are tried again.
var (
	errUnwell = errors.New("the simulated cluster failed, without effect")
	errLost   = errors.New("the simulated cluster lost the answer")
)

// Apply implements agent.Orchestrator. A replica that does not fit now makes the whole
// change a rejection, and nothing is changed; only with a bind delay can replicas be
// left without a node, when others took the room meanwhile.
func (c *Cluster) Apply(ctx context.Context, d agent.Desired) error {
	return c.operate(ctx, func() error { return c.apply(d) })
}

// Withdraw implements agent.Orchestrator.
func (c *Cluster) Withdraw(ctx context.Context, w agent.Withdrawal) error {
	return c.operate(ctx, func() error { return c.withdraw(w) })
}

// operate does one operation with the delays and faults of the cluster.
func (c *Cluster) operate(ctx context.Context, do func() error) error {
	if err := pause(ctx, time.Duration(c.spec.Behaviour.ApplyDelay)); err != nil {
		return err
	}
	c.enter()
	defer c.leave(true)
	if c.chance.Float64() < c.spec.Behaviour.ErrorRate {
		return errUnwell
	}
	if err := do(); err != nil {
		return err
	}
	if c.chance.Float64() < c.spec.Behaviour.LostRate {
		return errLost
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Cluster) apply(d agent.Desired) error {
	o := c.objects[d.Workload]
	switch {
	case o != nil && o.desired.Token > d.Token, c.tombs[d.Workload] >= d.Token:
		return agent.ErrStale
	case c.taken[d.Workload]:
		return &agent.Rejection{Reason: event.RejectReasonConflict, Message: "an object of that name exists and is not ours"}
	case !c.capable(&d):
		return &agent.Rejection{Reason: event.RejectReasonUnsupported, Message: fmt.Sprintf("this cluster does not run a %s", d.Kind)}
	case o == nil && c.exhausted():
		return &agent.Rejection{Reason: event.RejectReasonQuota, Message: fmt.Sprintf("the quota of %d workloads is used up", len(c.objects))}
	case o != nil && unchanged(o, &d):
		return nil
	}
	next := &object{desired: d, hash: d.Hash, wanted: d.Replicas}
	if err := c.realise(o, next); err != nil {
		return err
	}
	c.objects[d.Workload] = next
	c.write(next)
	return nil
}

func (c *Cluster) capable(d *agent.Desired) bool {
	_, native := d.Native[c.spec.Orchestrator]
	return slices.Contains(c.spec.Kinds, d.Kind) || native && slices.Contains(c.spec.Native, c.spec.Orchestrator)
}

func (c *Cluster) exhausted() bool {
	return c.full || c.spec.Behaviour.Quota > 0 && len(c.objects) >= c.spec.Behaviour.Quota
}

// unchanged says whether the object is already as wanted, so that nothing is written.
func unchanged(o *object, d *agent.Desired) bool {
	return o.desired.Token == d.Token && o.hash == d.Hash && o.wanted == d.Replicas &&
		o.desired.Generation == d.Generation && reflect.DeepEqual(o.desired.Shapes, d.Shapes)
}

// realise gives next its replicas, those of the old object as far as they can stay. If
// what is new does not fit, everything stays as it was.
func (c *Cluster) realise(old, next *object) error {
	stay, end := c.divide(old, next)
	missing := c.missing(next, stay)
	if len(missing) > 0 && c.chance.Float64() < c.spec.Behaviour.RejectionRate {
		return &agent.Rejection{Reason: event.RejectReasonCapacity, Message: "others were quicker"}
	}
	for i, pin := range missing {
		next.replicas = append(next.replicas, &replica{object: next, pin: pin, meant: meant(next, missing, i)})
	}
	if err := c.seat(next, end); err != nil {
		return err
	}
	for _, r := range stay {
		r.object = next
	}
	fresh := next.replicas
	next.replicas = append(stay, fresh...)
	for _, r := range end {
		c.remove(r)
	}
	if c.spec.Behaviour.BindDelay > 0 {
		c.later(fresh)
	}
	for _, r := range fresh {
		if r.phase == bound {
			c.live(r)
		}
	}
	c.retry()
	return nil
}

// seat finds nodes for the new replicas, in the room of those that end if stopping
// takes no time. With a bind delay the nodes are only looked for, not kept.
func (c *Cluster) seat(next *object, end []*replica) error {
	fresh := next.replicas
	var lifted []*replica
	if c.spec.Behaviour.StopDelay == 0 {
		lifted = slices.DeleteFunc(slices.Clone(end), func(r *replica) bool { return r.hold == nil })
	}
	for _, r := range lifted {
		c.release(r.hold)
	}
	fits := 0
	for fits < len(fresh) && c.bind(fresh[fits]) {
		fits++
	}
	if fits < len(fresh) || c.spec.Behaviour.BindDelay > 0 {
		for _, r := range fresh[:fits] {
			c.release(r.hold)
			r.hold, r.phase = nil, pending
		}
	}
	for _, r := range lifted {
		if fits < len(fresh) || c.spec.Behaviour.BindDelay > 0 {
			c.retake(r.hold) // their end is not certain, or comes in its own order
		} else {
			r.hold = nil
		}
	}
	if fits < len(fresh) {
		return &agent.Rejection{Reason: event.RejectReasonCapacity, Message: fmt.Sprintf(
			"%d of %d new replicas fit%s", fits, len(fresh), on(fresh[fits].pin))}
	}
	return nil
}

func on(pin string) string {
	if pin == "" {
		return ""
	}
	return " on nodes of shape " + pin
}

func (c *Cluster) withdraw(w agent.Withdrawal) error {
	o := c.objects[w.Workload]
	if o != nil && o.desired.Token > w.Token {
		return agent.ErrStale
	}
	c.tombs[w.Workload] = max(c.tombs[w.Workload], w.Token)
	c.drop(w.Workload)
	return nil
}

// drop removes an object and ends its replicas.
func (c *Cluster) drop(w event.WorkloadID) {
	o := c.objects[w]
	if o == nil {
		return
	}
	delete(c.objects, w)
	for _, r := range o.replicas {
		c.remove(r)
	}
}
