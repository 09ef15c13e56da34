// Command fairlead is what people and services use: see package fairlead.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fairlead.dev/services/fairlead"
	"fairlead.dev/services/fairlead/output"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(int(fairlead.Run(ctx, fairlead.Session{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Environ: os.Environ(),
		Colour:  output.WantsColour(os.Stdout, os.Getenv),
		Watched: output.IsTerminal(os.Stderr),
	}, os.Args[1:])))
}
