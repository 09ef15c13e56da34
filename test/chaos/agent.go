package main

import (
	"context"
	"flag"
	"log/slog"
	"os"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// runAgent is the role of one cluster's agent: the runtime that every agent shares, over
// a cluster that is reached through the network.
func runAgent(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("agent", flag.ExitOnError)
	name := fs.String("cluster", "", "cluster")
	server := fs.String("server", "", "URL of the servers")
	url := fs.String("orchestrator", "", "URL of the cluster")
	_ = fs.Parse(args) // it exits
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	nc, err := stream.Connect(ctx, stream.ConnConfig{URL: *server, Name: "agent " + *name, Log: log})
	if err != nil {
		return err
	}
	defer nc.Close()
	l, err := stream.Open(ctx, nc, stream.Options{Replicas: nodes, SkipCheck: true, Log: log})
	if err != nil {
		return err
	}
	return agent.Run(ctx, agent.Config{
		// One at a time: commands are applied in the order in which they were debited, so that
		// both choose the same nodes.
		Settings: agent.Settings{Cluster: event.ClusterID(*name), Orchestrator: "simulated", Parallel: 1},
		Online:   agent.Online(ctx, nc), Log: log,
	}, l, remote{*url})
}
