// Command placement runs the placement service as a process of its own.
package main

import (
	"context"
	"os"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/services/placement"
)

func main() { os.Exit(daemon.Main(run)) }

func run(ctx context.Context) error {
	var shell daemon.Config
	cfg := placement.Config{}.Defaults()
	flags := pflag.NewFlagSet("placement", pflag.ContinueOnError)
	shell.Flags(flags, os.Environ())
	cfg.Flags(flags)
	if err := daemon.Parse(flags, os.Args[1:], os.Environ()); err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return daemon.UsageError{Err: err}
	}
	s, err := daemon.Start(ctx, shell, "placement", os.Stderr)
	if err != nil {
		return err
	}
	cfg.Log, cfg.Telemetry = s.Log, s.Telemetry.Providers
	return s.Run(ctx, placement.Part(cfg, s.Checks))
}
