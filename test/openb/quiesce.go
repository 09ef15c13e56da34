package main

import (
	"context"
	"fmt"
	"time"

	"fairlead.dev/pkg/query"
	"fairlead.dev/test/harness"
)

// quiesce waits until every cluster has reported the last command it was sent and
// nothing waits for another try.
func quiesce(ctx context.Context, b *harness.Broker, clusters int) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	client := query.New(b.Conn)
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		behind, err := lagging(ctx, client, clusters)
		if err == nil && behind == "" {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("the fleet does not come to rest: %s (%w)", behind, err)
		}
	}
}

func lagging(ctx context.Context, client *query.Client, clusters int) (string, error) {
	all, _, err := client.Clusters(ctx)
	if err != nil {
		return "", err
	}
	if len(all) != clusters {
		return fmt.Sprintf("%d of %d clusters are known", len(all), clusters), nil
	}
	for _, c := range all {
		if c.AppliedThrough < c.LastCommand {
			return fmt.Sprintf("%s has applied %d of %d commands", c.Cluster, c.AppliedThrough, c.LastCommand), nil
		}
	}
	return "", nil
}
