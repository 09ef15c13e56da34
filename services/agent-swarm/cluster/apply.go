package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

// mostReads bounds how often one call reads again because something moved under it.
const mostReads = 6

// errMoved says that the swarm is no longer as it was read.
var errMoved = errors.New("the service changed meanwhile")

// Apply implements agent.Orchestrator.
func (c *Cluster) Apply(ctx context.Context, d agent.Desired) error {
	m, err := c.scheme.Build(d, c.Keys)
	if err != nil {
		return err
	}
	err = insist(func() error { return c.apply(ctx, d, m) })
	if err == nil {
		c.pace.set(true)
		c.hints.Give()
	}
	return refusal(act(err, "apply", d.Workload))
}

// insist reads and writes again while somebody else was faster.
func insist(once func() error) (err error) {
	for range mostReads {
		if err = once(); !errors.Is(err, errMoved) {
			return err
		}
	}
	return err
}

// act names what failed, unless the error is one of those that callers compare.
func act(err error, verb string, w event.WorkloadID) error {
	if err == nil || errors.Is(err, agent.ErrStale) || errors.As(err, new(*agent.Rejection)) {
		return err
	}
	return fmt.Errorf("%s %s: %w", verb, w, err)
}

// apply is one reading, one comparison and one write.
func (c *Cluster) apply(ctx context.Context, d agent.Desired, m *manifest.Manifest) error {
	tombstone, err := c.tombstone(ctx, d.Workload)
	if err != nil {
		return err
	}
	live, err := c.service(ctx, m.Spec.Name)
	if err != nil {
		return err
	}
	switch {
	case live != nil && !c.owns(live, d.Workload):
		return &agent.Rejection{
			Reason:  event.RejectReasonConflict,
			Message: fmt.Sprintf("service %s exists and is not of %s in %s", m.Spec.Name, d.Workload, c.Cluster),
		}
	case tombstone >= d.Token, live != nil && manifest.Token(live.Spec.Labels) > d.Token:
		return agent.ErrStale
	case live == nil:
		return c.create(ctx, d, m)
	case manifest.Leaving(live.Spec.Labels):
		return c.makeWay(ctx, live)
	case unlike(live, m):
		return c.replace(ctx, live)
	}
	return c.update(ctx, d, m, live)
}

// create makes the service or finds that another was faster. A withdrawal that came between our
// reading and our writing has raised the tombstone before it looked for a service: so we look again.
func (c *Cluster) create(ctx context.Context, d agent.Desired, m *manifest.Manifest) error {
	if err := c.withinQuota(ctx, m, nil); err != nil {
		return err
	}
	if err := c.hasRoom(ctx, d, m, d.Replicas); err != nil {
		return err
	}
	err := c.request(ctx, func(ctx context.Context) error {
		_, err := c.api.ServiceCreate(ctx, client.ServiceCreateOptions{Spec: m.Spec})
		return err
	})
	if err != nil {
		return moved(err)
	}
	tombstone, err := c.tombstone(ctx, d.Workload)
	if err != nil || tombstone < d.Token {
		return err
	}
	late := agent.Withdrawal{Workload: d.Workload, Token: tombstone}
	if err := insist(func() error { return c.withdraw(ctx, late) }); err != nil {
		return err
	}
	return agent.ErrStale
}

// update writes what differs to exactly the version that was read. Where nothing does it writes
// nothing: Swarm would count it as a change.
func (c *Cluster) update(ctx context.Context, d agent.Desired, m *manifest.Manifest, live *swarm.Service) error {
	if same(live, m) {
		return nil
	}
	if err := c.withinQuota(ctx, m, live); err != nil {
		return err
	}
	if err := c.hasRoom(ctx, d, m, c.additional(d, m, live)); err != nil {
		return err
	}
	return c.write(ctx, live, withCounter(m.Spec, live))
}

// withCounter keeps Swarm's counter of forced updates: another number would restart every replica.
func withCounter(spec swarm.ServiceSpec, live *swarm.Service) swarm.ServiceSpec {
	spec.TaskTemplate.ForceUpdate = live.Spec.TaskTemplate.ForceUpdate
	return spec
}

// same says whether the service is what it should be, by all that is ours.
func same(live *swarm.Service, m *manifest.Manifest) bool {
	for _, label := range []string{manifest.LabelToken, manifest.LabelGeneration, manifest.LabelHash, manifest.LabelDigest} {
		if live.Spec.Labels[label] != m.Spec.Labels[label] {
			return false
		}
	}
	return manifest.Replicas(live.Spec.Mode) == manifest.Replicas(m.Spec.Mode) &&
		manifest.Digest(live.Spec) == m.Spec.Labels[manifest.LabelDigest]
}

// unlike says whether only another service will do: Swarm changes no mode, and a changed job is
// another job.
func unlike(live *swarm.Service, m *manifest.Manifest) bool {
	was, is := manifest.Kind(live.Spec.Mode), manifest.Kind(m.Spec.Mode)
	return was != is || is == event.KindJob && manifest.Digest(live.Spec) != m.Spec.Labels[manifest.LabelDigest]
}

// replace takes the old service away, after which the new one is made under its name.
func (c *Cluster) replace(ctx context.Context, live *swarm.Service) error {
	if err := c.condemn(ctx, live, manifest.Token(live.Spec.Labels)); err != nil {
		return err
	}
	return c.makeWay(ctx, live)
}

// makeWay ends a removal that somebody has begun.
func (c *Cluster) makeWay(ctx context.Context, live *swarm.Service) error {
	if err := c.remove(ctx, live.ID); err != nil {
		return err
	}
	return errMoved
}

// service reads a service by its name; nil if there is none.
func (c *Cluster) service(ctx context.Context, name string) (*swarm.Service, error) {
	var found []swarm.Service
	err := c.request(ctx, func(ctx context.Context) error {
		result, err := c.api.ServiceList(ctx, client.ServiceListOptions{Filters: client.Filters{}.Add("name", name)})
		found = result.Items
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read service %s: %w", name, err)
	}
	for i := range found { // the filter takes what only begins so as well
		if found[i].Spec.Name == name {
			return &found[i], nil
		}
	}
	return nil, nil
}

// write changes exactly the version that was read.
func (c *Cluster) write(ctx context.Context, live *swarm.Service, spec swarm.ServiceSpec) error {
	return moved(c.request(ctx, func(ctx context.Context) error {
		_, err := c.api.ServiceUpdate(ctx, live.ID, client.ServiceUpdateOptions{Version: live.Version, Spec: spec})
		return err
	}))
}

// request does one request within its time.
func (c *Cluster) request(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	return do(ctx)
}

func (c *Cluster) owns(service *swarm.Service, w event.WorkloadID) bool {
	id, ours := c.scheme.Owner(service.Spec.Labels)
	return ours && id == w
}
