package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/test/harness"
)

// broker is this program in its other role: a server that tells its metrics as the
// services tell theirs.
func broker(dir string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	var cfg daemon.Config
	cfg.Flags(pflag.NewFlagSet("broker", pflag.ContinueOnError), nil)
	cfg.Metrics = true
	shell, err := daemon.Start(ctx, cfg, "broker", os.Stderr)
	if err != nil {
		return err
	}
	s, err := harness.Serve(harness.Synced(dir, server.RANDOM_PORT))
	if err != nil {
		return err
	}
	fmt.Println("nats://" + s.Addr().String())
	return shell.Run(ctx, daemon.Part{Name: "nats", Run: func(ctx context.Context, ready func()) error {
		ready()
		<-ctx.Done()
		harness.End(s)
		return nil
	}})
}
