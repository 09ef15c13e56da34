// Package daemon is what every Fairlead process shares round its service: settings,
// logs, lifecycle, health, metrics and traces. One of each, so that whoever knows one
// process knows them all.
//
// A main does three things, in at most 40 lines:
//
//	os.Exit(daemon.Main(func(ctx context.Context) error {
//		var c daemon.Config
//		c.Flags(flags, os.Environ()) // declare
//		err := daemon.Parse(flags, os.Args[1:], os.Environ()) // settle: flag, environment, file, default
//		…
//		shell, err := daemon.Start(ctx, c, "placement", os.Stderr)
//		if err != nil {
//			return err
//		}
//		return shell.Run(ctx, parts...)
//	}))
//
// The package never reads the environment by itself (main hands it over; the one
// exception is the OpenTelemetry SDK, whose OTEL_* variables are a standard of their
// own), never listens beyond loopback unless told to, and knows nothing of events:
// the names of spans and metrics are in package telemetry below, which libraries may
// import without the SDK.
//
// Begin reading at shell.go, then lifecycle.go.
package daemon
