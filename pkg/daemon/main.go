package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
)

// Exit codes of a process. An error may carry another one: see ExitCode.
const (
	ExitOK          = 0
	ExitFailure     = 1
	ExitUsage       = 2   // a flag, variable or settings file that cannot work
	ExitInterrupted = 130 // ended by the person in front of it before it was done
)

// Main runs a program under a context that ends on SIGINT or SIGTERM, says on stderr
// why it failed, and returns the exit code. A second signal kills the process as if
// nobody listened, so that a program which hangs can always be ended.
func Main(run func(context.Context) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal meets the default action
	err := run(ctx)
	if errors.Is(err, pflag.ErrHelp) {
		return ExitOK // the flags have printed themselves
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	return ExitCode(err)
}

// UsageError marks what the caller of the program has to mend.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the error without the mark.
func (e UsageError) Unwrap() error { return e.Err }

// ExitCode is ExitUsage.
func (e UsageError) ExitCode() int { return ExitUsage }

// ExitCode turns the end of a program into its exit code: what the error says with a
// method ExitCode() int, else ExitInterrupted for a cancelled context, else ExitFailure.
func ExitCode(err error) int {
	var coded interface{ ExitCode() int }
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &coded):
		return coded.ExitCode()
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	}
	return ExitFailure
}
