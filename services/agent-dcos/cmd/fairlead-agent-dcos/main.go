// Command fairlead-agent-dcos is the agent of one DC/OS cluster.
package main

import (
	"context"
	"os"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
	agentdcos "fairlead.dev/services/agent-dcos"
)

func main() { os.Exit(daemon.Main(run)) }

func run(ctx context.Context) error {
	var shell daemon.Config
	var cfg agentdcos.Config
	flags := pflag.NewFlagSet("fairlead-agent-dcos", pflag.ContinueOnError)
	shell.Flags(flags, os.Environ())
	cfg.Flags(flags)
	if err := daemon.Parse(flags, os.Args[1:], os.Environ()); err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return daemon.UsageError{Err: err}
	}
	s, err := daemon.Start(ctx, shell, "agent-dcos", os.Stderr)
	if err != nil {
		return err
	}
	cfg.Log, cfg.Telemetry = s.Log, s.Telemetry.Providers
	return s.Run(ctx, agentdcos.Part(cfg, s.Checks))
}
