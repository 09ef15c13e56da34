package cluster

import (
	"context"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/manifest"
)

// What a tombstone's ConfigMap holds.
const (
	tokenKey     = "token"     // of the last withdrawal
	withdrawnKey = "withdrawn" // when, in RFC 3339
)

// tombstoneName is different for every workload: names hold no dots.
func (c *Cluster) tombstoneName(w event.WorkloadID) string {
	return fmt.Sprintf("tombstone.%s.%s.%s", c.Cluster, w.Tenant, w.Name)
}

// tombstone is the token of the workload's last withdrawal, read from the API server; 0 for none.
func (c *Cluster) tombstone(ctx context.Context, w event.WorkloadID) (uint64, error) {
	stone, err := c.api.CoreV1().ConfigMaps(c.Namespace).Get(ctx, c.tombstoneName(w), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read tombstone: %w", err)
	}
	return tokenOf(stone)
}

// tokenOf fails for what it cannot read: to take it for nothing would open the fence.
func tokenOf(stone *corev1.ConfigMap) (uint64, error) {
	token, err := strconv.ParseUint(stone.Data[tokenKey], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read tombstone %s: %w", stone.Name, err)
	}
	return token, nil
}

// raise sets the workload's tombstone to at least token.
func (c *Cluster) raise(ctx context.Context, w event.WorkloadID, token uint64) error {
	err := c.insist(func() error { return c.raiseOnce(ctx, w, token) })
	if err != nil {
		return fmt.Errorf("raise tombstone: %w", err)
	}
	return nil
}

func (c *Cluster) raiseOnce(ctx context.Context, w event.WorkloadID, token uint64) error {
	stones := c.api.CoreV1().ConfigMaps(c.Namespace)
	stone, err := stones.Get(ctx, c.tombstoneName(w), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = stones.Create(ctx, c.newTombstone(w, token), metav1.CreateOptions{FieldManager: manifest.Manager})
		return c.orNamespace(ctx, moved(err))
	}
	if err != nil {
		return err
	}
	if had, err := tokenOf(stone); err != nil || had >= token {
		return err
	}
	stone.Data = tombstoneData(token)
	_, err = stones.Update(ctx, stone, metav1.UpdateOptions{FieldManager: manifest.Manager})
	return moved(err)
}

func (c *Cluster) newTombstone(w event.WorkloadID, token uint64) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: c.tombstoneName(w), Labels: c.scheme.Labels(w)},
		Data:       tombstoneData(token),
	}
}

func tombstoneData(token uint64) map[string]string {
	return map[string]string{
		tokenKey:     strconv.FormatUint(token, 10),
		withdrawnKey: time.Now().UTC().Format(time.RFC3339),
	}
}

// orNamespace makes the agent's own namespace where it is missing and may be made.
func (c *Cluster) orNamespace(ctx context.Context, err error) error {
	if !apierrors.IsNotFound(err) {
		return err
	}
	own := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.Namespace}}
	if _, err := c.api.CoreV1().Namespaces().Create(ctx, own, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make the agent's namespace: %w", err)
	}
	return errMoved
}

// sweepEvery is how often old tombstones are looked for.
const sweepEvery = time.Hour

// sweep removes old tombstones until ctx ends. What fails is tried again an hour later.
func (c *Cluster) sweep(ctx context.Context) {
	again := time.NewTicker(sweepEvery)
	defer again.Stop()
	for {
		select {
		case now := <-again.C:
			if err := c.Sweep(ctx, now); err != nil && ctx.Err() == nil {
				c.Log.Warn("old tombstones are still there", "err", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Sweep removes the tombstones of workloads withdrawn longer than Config.Keep before now.
func (c *Cluster) Sweep(ctx context.Context, now time.Time) error {
	stones := c.api.CoreV1().ConfigMaps(c.Namespace)
	all, err := stones.List(ctx, metav1.ListOptions{LabelSelector: c.scheme.Selector()})
	if err != nil {
		return fmt.Errorf("list tombstones: %w", err)
	}
	for _, stone := range all.Items {
		withdrawn, err := time.Parse(time.RFC3339, stone.Data[withdrawnKey])
		if err != nil || now.Sub(withdrawn) <= c.Keep {
			continue
		}
		err = stones.Delete(ctx, stone.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{
			UID: &stone.UID, ResourceVersion: &stone.ResourceVersion, // not one that was raised meanwhile
		}})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return fmt.Errorf("remove tombstone %s: %w", stone.Name, err)
		}
	}
	return nil
}
