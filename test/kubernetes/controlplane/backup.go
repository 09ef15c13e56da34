package controlplane

import (
	"context"
	"fmt"
	"os"
)

// Backup copies all that the cluster stores into a new folder. The cluster is away while it does.
func (c *Cluster) Backup(ctx context.Context, folder string) error {
	c.Halt()
	if err := os.CopyFS(folder, os.DirFS(c.path("etcd"))); err != nil {
		return fmt.Errorf("back up cluster %s: %w", c.cfg.Name, err)
	}
	return c.Resume(ctx)
}

// Restore takes the cluster back to a backup: objects, their uids and the resource versions, which
// now count from there again. Whoever watched the cluster has seen a future that did not happen.
func (c *Cluster) Restore(ctx context.Context, folder string) error {
	c.Halt()
	if err := os.RemoveAll(c.path("etcd")); err != nil {
		return fmt.Errorf("restore cluster %s: %w", c.cfg.Name, err)
	}
	if err := os.CopyFS(c.path("etcd"), os.DirFS(folder)); err != nil {
		return fmt.Errorf("restore cluster %s: %w", c.cfg.Name, err)
	}
	return c.Resume(ctx)
}
