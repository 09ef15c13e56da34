package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/services/agent-kubernetes/manifest"
)

// Withdraw implements agent.Orchestrator: first the tombstone, then the object.
func (c *Cluster) Withdraw(ctx context.Context, w agent.Withdrawal) error {
	namespace, err := c.scheme.Namespace(w.Workload.Tenant)
	if err != nil {
		return nil // a tenant that has no namespace here has nothing in it
	}
	err = c.raise(ctx, w.Workload, w.Token)
	for _, r := range []schema.GroupVersionResource{manifest.Deployments, manifest.Jobs} {
		if err == nil {
			err = c.insist(func() error { return c.withdraw(ctx, r, namespace, w) })
		}
	}
	return c.refusal(namespace, act(err, "withdraw", w.Workload))
}

func (c *Cluster) withdraw(ctx context.Context, r schema.GroupVersionResource, namespace string, w agent.Withdrawal) error {
	live, err := c.get(ctx, r, namespace, string(w.Workload.Name))
	switch {
	case err != nil:
		return err
	case live == nil || !c.owns(live, w.Workload):
		return nil
	case manifest.Token(live) > w.Token:
		return agent.ErrStale
	case live.DeletionTimestamp != nil:
		return nil
	}
	return c.delete(ctx, r, live, metav1.DeletePropagationForeground)
}
