package cluster

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"

	"fairlead.dev/services/agent-kubernetes/manifest"
	"fairlead.dev/services/agent-kubernetes/reading"
)

// inform starts the informers: nodes, pods and quotas of the whole cluster, since they say what is
// free, and the workloads that carry our label.
func (c *Cluster) inform(ctx context.Context) error {
	all := informers.NewSharedInformerFactory(c.api, 0)
	ours := informers.NewSharedInformerFactoryWithOptions(c.api, 0,
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = c.scheme.Selector() }))
	for _, w := range []watched{
		{"/api/v1/nodes", all.Core().V1().Nodes().Informer(), keep(c.keepNode), handler(c.setNode, c.removeNode, c.hints.Give)},
		{"/api/v1/pods", all.Core().V1().Pods().Informer(), keep(c.keepPod), handler(c.setPod, c.removePod, c.hints.Give)},
		{"/api/v1/resourcequotas", all.Core().V1().ResourceQuotas().Informer(), keep(keepQuota), handler(c.setQuota, c.removeQuota, c.hints.Give)},
		{"/apis/apps/v1/deployments", ours.Apps().V1().Deployments().Informer(), keep(c.keepDeployment), handler(c.setObject, c.removeObject, c.hints.Give)},
		{"/apis/batch/v1/jobs", ours.Batch().V1().Jobs().Informer(), keep(c.keepJob), handler(c.setObject, c.removeObject, c.hints.Give)},
	} {
		if err := c.watch(w); err != nil {
			return err
		}
	}
	all.StartWithContext(ctx)
	ours.StartWithContext(ctx)
	c.work.Go(func() {
		<-ctx.Done()
		all.Shutdown()
		ours.Shutdown()
	})
	return nil
}

// watched is one informer with the path that its watch requests have.
type watched struct {
	path     string
	informer cache.SharedIndexInformer
	small    cache.TransformFunc
	handler  cache.ResourceEventHandler
}

func (c *Cluster) watch(w watched) error {
	if err := w.informer.SetTransform(w.small); err != nil {
		return err
	}
	registration, err := w.informer.AddEventHandler(w.handler)
	if err != nil {
		return err
	}
	c.sight.follow(w.path, registration.HasSynced)
	return nil
}

// keep makes a transform of what is kept of one kind. What it has made already it leaves alone.
func keep[From, To any](small func(From) To) cache.TransformFunc {
	return func(o any) (any, error) {
		if full, ok := o.(From); ok {
			return small(full), nil
		}
		return o, nil
	}
}

func (c *Cluster) keepNode(n *corev1.Node) *reading.Node {
	return reading.FromNode(n, c.NodeLabels)
}

func (c *Cluster) keepPod(p *corev1.Pod) *reading.Pod {
	return reading.FromPod(p, c.scheme.Owner)
}

func (c *Cluster) keepDeployment(d *appsv1.Deployment) *manifest.Object {
	return c.scheme.Deployment(d)
}

func (c *Cluster) keepJob(j *batchv1.Job) *manifest.Object { return c.scheme.Job(j) }

func (c *Cluster) setNode(n *reading.Node) {
	c.locked(func() {
		if n.Foreign {
			c.book.RemoveNode(n.Name)
			return
		}
		c.book.SetNode(&n.Node)
	})
}

func (c *Cluster) removeNode(n *reading.Node) { c.locked(func() { c.book.RemoveNode(n.Name) }) }

func (c *Cluster) setPod(p *reading.Pod) { c.locked(func() { c.book.SetClaim(&p.Claim) }) }

func (c *Cluster) removePod(p *reading.Pod) { c.locked(func() { c.book.RemoveClaim(p.ID) }) }

func (c *Cluster) setQuota(q *quota) { c.locked(func() { c.quotas[q.name] = q }) }

func (c *Cluster) removeQuota(q *quota) { c.locked(func() { delete(c.quotas, q.name) }) }

func (c *Cluster) setObject(o *manifest.Object) { c.locked(func() { c.objects[keyOf(o)] = o }) }

func (c *Cluster) removeObject(o *manifest.Object) {
	c.locked(func() {
		delete(c.objects, keyOf(o))
		if c.written[keyOf(o)].object.is(o.UID) {
			delete(c.written, keyOf(o))
		}
	})
}

func (c *Cluster) locked(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	do()
}
