package cluster

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/metadata"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/manifest"
)

// mostReads bounds how often one call reads again because something moved under it.
const mostReads = 6

// errMoved says that the cluster is no longer as it was read.
var errMoved = errors.New("the object changed meanwhile")

// Apply implements agent.Orchestrator.
func (c *Cluster) Apply(ctx context.Context, d agent.Desired) error {
	m, err := c.scheme.Build(d)
	if err != nil {
		return err
	}
	err = c.insist(func() error { return c.apply(ctx, d, m) })
	return c.refusal(m.Namespace, act(err, "apply", d.Workload))
}

// insist reads and writes again while somebody else was faster.
func (c *Cluster) insist(once func() error) (err error) {
	for range mostReads {
		if err = once(); !errors.Is(err, errMoved) {
			return err
		}
	}
	return err
}

// act names what failed, unless the error is one of those that callers compare.
func act(err error, verb string, w event.WorkloadID) error {
	if refused := (*agent.Rejection)(nil); err == nil || errors.Is(err, agent.ErrStale) || errors.As(err, &refused) {
		return err
	}
	return fmt.Errorf("%s %s: %w", verb, w, err)
}

// apply is one reading, one comparison and one write.
func (c *Cluster) apply(ctx context.Context, d agent.Desired, m *manifest.Manifest) error {
	found, err := c.read(ctx, d.Workload, m)
	if err != nil {
		return err
	}
	if err := found.admits(d.Token, m); err != nil {
		return err
	}
	if found.other != nil { // the workload's kind has changed
		if err := c.delete(ctx, otherKind(m.Resource), found.other, metav1.DeletePropagationBackground); err != nil {
			return err
		}
	}
	switch {
	case found.live == nil:
		return c.create(ctx, d, m)
	case found.live.DeletionTimestamp != nil:
		return c.makeWay(ctx, m, found.live)
	default:
		return c.update(ctx, d, m, found.live)
	}
}

// found is what stands in the way of an apply.
type found struct {
	tombstone   uint64
	live, other *metav1.PartialObjectMetadata // of the wanted kind; of the other kind, ours alone
	ours        bool                          // live is
}

func (c *Cluster) read(ctx context.Context, w event.WorkloadID, m *manifest.Manifest) (found, error) {
	var f found
	var err error
	if f.tombstone, err = c.tombstone(ctx, w); err != nil {
		return f, err
	}
	if err := c.ensureNamespace(ctx, w.Tenant, m.Namespace); err != nil {
		return f, err
	}
	if f.live, err = c.get(ctx, m.Resource, m.Namespace, m.Name); err != nil {
		return f, err
	}
	f.ours = f.live != nil && c.owns(f.live, w)
	other, err := c.get(ctx, otherKind(m.Resource), m.Namespace, m.Name)
	if err == nil && other != nil && c.owns(other, w) && other.DeletionTimestamp == nil {
		f.other = other
	}
	return f, err
}

// admits compares tokens, before anything is changed.
func (f found) admits(token uint64, m *manifest.Manifest) error {
	if f.live != nil && !f.ours {
		return &agent.Rejection{
			Reason:  event.RejectReasonConflict,
			Message: fmt.Sprintf("%s %s/%s exists and is not Fairlead's", m.Resource.Resource, m.Namespace, m.Name),
		}
	}
	if f.tombstone >= token ||
		f.live != nil && manifest.Token(f.live) > token ||
		f.other != nil && manifest.Token(f.other) > token {
		return agent.ErrStale
	}
	return nil
}

// create makes the object or finds that another was faster. A withdrawal that came between our
// reading and our writing has raised the tombstone before it looked for an object: so we look again.
func (c *Cluster) create(ctx context.Context, d agent.Desired, m *manifest.Manifest) error {
	if err := c.hasRoom(d, m, d.Replicas); err != nil {
		return err
	}
	made, err := c.send(ctx, m, "", manifest.Absent, false)
	if err != nil {
		return moved(err)
	}
	tombstone, err := c.tombstone(ctx, d.Workload)
	if err != nil {
		return err
	}
	if tombstone < d.Token {
		c.remember(d, m, made)
		return nil
	}
	late := agent.Withdrawal{Workload: d.Workload, Token: tombstone}
	if err := c.insist(func() error { return c.withdraw(ctx, m.Resource, m.Namespace, late) }); err != nil {
		return err
	}
	return agent.ErrStale
}

func (c *Cluster) update(ctx context.Context, d agent.Desired, m *manifest.Manifest, live *metav1.PartialObjectMetadata) error {
	if err := c.hasRoom(d, m, c.additional(d, m)); err != nil {
		return err
	}
	changed, err := c.send(ctx, m, live.UID, live.ResourceVersion, false)
	if heldByOthers(err) {
		changed, err = c.send(ctx, m, live.UID, live.ResourceVersion, true)
	}
	switch {
	case err == nil:
		c.remember(d, m, changed)
		return nil
	case m.Resource == manifest.Jobs && immutable(err): // another job under the same name
		if err := c.delete(ctx, m.Resource, live, metav1.DeletePropagationBackground); err != nil {
			return err
		}
		return errMoved
	}
	return moved(err)
}

// makeWay ends the wait for the pods of an object that is being removed. What someone else's finalizer
// holds stays: that is for the runtime to try again.
func (c *Cluster) makeWay(ctx context.Context, m *manifest.Manifest, live *metav1.PartialObjectMetadata) error {
	if err := c.delete(ctx, m.Resource, live, metav1.DeletePropagationBackground); err != nil {
		return err
	}
	left, err := c.get(ctx, m.Resource, m.Namespace, m.Name)
	if err != nil {
		return err
	}
	if left != nil && left.UID == live.UID {
		return fmt.Errorf("%s/%s is still being removed (finalizers %v)", m.Namespace, m.Name, left.Finalizers)
	}
	return errMoved
}

// send applies the manifest to the object of that uid and version.
func (c *Cluster) send(ctx context.Context, m *manifest.Manifest, uid types.UID, version string, force bool) (*metav1.PartialObjectMetadata, error) {
	body, err := m.Body(uid, version)
	if err != nil {
		return nil, err
	}
	options := metav1.PatchOptions{FieldManager: manifest.Manager, FieldValidation: metav1.FieldValidationStrict}
	if force {
		options.Force = &force
	}
	return c.kind(m.Resource, m.Namespace).Patch(ctx, m.Name, types.ApplyPatchType, body, options)
}

// delete removes exactly the object that was read, in the state that was read. One that is being
// deleted already takes no more commands, and the API server cannot check its version: it changes it
// itself on the way.
func (c *Cluster) delete(ctx context.Context, r schema.GroupVersionResource, o *metav1.PartialObjectMetadata, how metav1.DeletionPropagation) error {
	exactly := &metav1.Preconditions{UID: &o.UID}
	if o.DeletionTimestamp == nil {
		exactly.ResourceVersion = &o.ResourceVersion
	}
	err := c.kind(r, o.Namespace).Delete(ctx, o.Name, metav1.DeleteOptions{Preconditions: exactly, PropagationPolicy: &how})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err == nil:
		c.deleted(key{r, o.Namespace, o.Name}, o.UID)
		return nil
	}
	return moved(err)
}

// get reads an object's metadata from the API server; nil if there is none.
func (c *Cluster) get(ctx context.Context, r schema.GroupVersionResource, namespace, name string) (*metav1.PartialObjectMetadata, error) {
	o, err := c.kind(r, namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return o, err
}

func (c *Cluster) kind(r schema.GroupVersionResource, namespace string) metadata.ResourceInterface {
	return c.meta.Resource(r).Namespace(namespace)
}

func (c *Cluster) owns(o *metav1.PartialObjectMetadata, w event.WorkloadID) bool {
	id, ours := c.scheme.Owner(o.Labels)
	return ours && id == w
}

func otherKind(r schema.GroupVersionResource) schema.GroupVersionResource {
	if r == manifest.Jobs {
		return manifest.Deployments
	}
	return manifest.Jobs
}

// remember shows what was stored until the watch does.
func (c *Cluster) remember(d agent.Desired, m *manifest.Manifest, stored *metav1.PartialObjectMetadata) {
	k := key{m.Resource, m.Namespace, m.Name}
	o := manifest.Object{Resource: m.Resource, Namespace: m.Namespace, Name: m.Name}
	c.locked(func() {
		if known := c.current(k); known != nil && known.UID == stored.UID {
			o = *known // keep its status
		}
	})
	o.UID, o.Version, o.Asked = stored.UID, stored.ResourceVersion, m.Asked
	o.Workload, o.Token, o.Generation, o.Hash = d.Workload, d.Token, d.Generation, d.Hash
	o.Wanted, o.Removed = d.Replicas, false
	o.Pending = max(0, o.Wanted-o.Ready-o.Succeeded-o.Failed)
	c.wrote(o)
}
