// Command fairlead-agent-kubernetes is the agent of one Kubernetes cluster.
package main

import (
	"context"
	"os"

	"github.com/spf13/pflag"
	"k8s.io/klog/v2"

	"fairlead.dev/pkg/daemon"
	agentkubernetes "fairlead.dev/services/agent-kubernetes"
)

func main() { os.Exit(daemon.Main(run)) }

func run(ctx context.Context) error {
	var shell daemon.Config
	var cfg agentkubernetes.Config
	flags := pflag.NewFlagSet("fairlead-agent-kubernetes", pflag.ContinueOnError)
	shell.Flags(flags, os.Environ())
	cfg.Flags(flags)
	if err := daemon.Parse(flags, os.Args[1:], os.Environ()); err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return daemon.UsageError{Err: err}
	}
	s, err := daemon.Start(ctx, shell, "agent-kubernetes", os.Stderr)
	if err != nil {
		return err
	}
	cfg.Log, cfg.Telemetry = s.Log, s.Telemetry.Providers
	klog.SetSlogLogger(s.Log) // client-go writes to klog alone
	return s.Run(ctx, agentkubernetes.Part(cfg, s.Checks))
}
