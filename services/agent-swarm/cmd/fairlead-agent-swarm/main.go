// Command fairlead-agent-swarm is the agent of one Docker swarm.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
	agentswarm "fairlead.dev/services/agent-swarm"
)

func main() { os.Exit(daemon.Main(run)) }

func run(ctx context.Context) error {
	var shell daemon.Config
	var cfg agentswarm.Config
	flags := pflag.NewFlagSet("fairlead-agent-swarm", pflag.ContinueOnError)
	shell.Flags(flags, os.Environ())
	cfg.Flags(flags)
	if err := daemon.Parse(flags, os.Args[1:], os.Environ()); err != nil {
		return err
	}
	if err := errors.Join(cfg.Complete(), cfg.Validate()); err != nil {
		return daemon.UsageError{Err: err}
	}
	s, err := daemon.Start(ctx, shell, "agent-swarm", os.Stderr)
	if err != nil {
		return err
	}
	cfg.Log, cfg.Telemetry = s.Log, s.Telemetry.Providers
	return s.Run(ctx, agentswarm.Part(cfg, s.Checks))
}
