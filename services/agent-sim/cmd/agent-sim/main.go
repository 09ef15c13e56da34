// Command agent-sim runs simulated clusters and their agents as a process of its own.
package main

import (
	"context"
	"os"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
	agentsim "fairlead.dev/services/agent-sim"
)

func main() { os.Exit(daemon.Main(run)) }

func run(ctx context.Context) error {
	var shell daemon.Config
	var cfg agentsim.Config
	flags := pflag.NewFlagSet("agent-sim", pflag.ContinueOnError)
	clusters := flags.String("clusters", "clusters.yaml", "`file` that describes the clusters")
	shell.Flags(flags, os.Environ())
	cfg.Flags(flags)
	if err := daemon.Parse(flags, os.Args[1:], os.Environ()); err != nil {
		return err
	}
	if err := cfg.LoadClusters(*clusters); err != nil {
		return daemon.UsageError{Err: err}
	}
	s, err := daemon.Start(ctx, shell, "agent-sim", os.Stderr)
	if err != nil {
		return err
	}
	cfg.Log, cfg.Telemetry = s.Log, s.Telemetry.Providers
	return s.Run(ctx, agentsim.Part(cfg, s.Checks))
}
