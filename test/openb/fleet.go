package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-sim"
	"fairlead.dev/test/harness"
	"fairlead.dev/test/openb/trace"
)

// cut deals the machines, shuffled by the seed, to n clusters.
func cut(machines []trace.Machine, n int, seed uint64) ([]*agentsim.Cluster, error) {
	shuffled := slices.Clone(machines)
	r := rand.New(rand.NewPCG(seed, seed))
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var out []*agentsim.Cluster
	for i := range n {
		counts := map[trace.Machine]int{}
		for j := i; j < len(shuffled); j += n {
			counts[shuffled[j]]++
		}
		spec := agentsim.Spec{
			Name: event.ClusterID(fmt.Sprintf("openb-%02d", i)), Orchestrator: "simulated", Provider: "trace",
			Region: fmt.Sprintf("region-%d", i%4), Seed: seed + uint64(i),
		}
		for m, count := range counts {
			spec.Nodes = append(spec.Nodes, nodes(m, count))
		}
		slices.SortFunc(spec.Nodes, func(a, b agentsim.Nodes) int { return cmp.Compare(a.Shape, b.Shape) })
		if err := spec.Validate(); err != nil {
			return nil, err
		}
		out = append(out, agentsim.New(spec))
	}
	return out, nil
}

// runAgents starts every cluster's agent and waits until all have reported.
func runAgents(ctx context.Context, b *harness.Broker, clusters []*agentsim.Cluster) (done <-chan error, err error) {
	ready := make(chan event.ClusterID, 10*len(clusters))
	ended := make(chan error, 1)
	cfg := agentsim.Config{
		Clusters: clusters, Conn: b.Conn, Join: true, Log: quiet,
		Ready: func(c event.ClusterID, is bool, _ string) {
			if is {
				select {
				case ready <- c:
				default: // more news than anyone waits for
				}
			}
		},
	}
	go func() { ended <- agentsim.Run(ctx, cfg) }()
	seen := map[event.ClusterID]bool{}
	limit := time.After(2 * time.Minute)
	for len(seen) < len(clusters) {
		select {
		case c := <-ready:
			seen[c] = true
		case err := <-ended:
			return nil, fmt.Errorf("the agents ended: %w", err)
		case <-limit:
			return nil, fmt.Errorf("only %d of %d clusters joined", len(seen), len(clusters))
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return ended, nil
}
