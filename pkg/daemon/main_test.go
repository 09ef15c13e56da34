package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"fairlead.dev/pkg/daemon"
)

type coded int

func (c coded) Error() string { return fmt.Sprint("code ", int(c)) }
func (c coded) ExitCode() int { return int(c) }

func TestExitCode(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{daemon.UsageError{Err: errors.New("x")}, 2},
		{fmt.Errorf("run: %w", daemon.UsageError{Err: errors.New("x")}), 2},
		{errors.Join(errors.New("x"), coded(7)), 7},
		{fmt.Errorf("wait: %w", context.Canceled), 130},
		{context.DeadlineExceeded, 1},
	} {
		if got := daemon.ExitCode(tc.err); got != tc.want {
			t.Errorf("ExitCode(%v) = %d, want %d", tc.err, got, tc.want)
		}
	}
}

func TestUsageErrorKeepsItsCause(t *testing.T) {
	if err := (daemon.UsageError{Err: os.ErrNotExist}); !errors.Is(err, os.ErrNotExist) || err.Error() != os.ErrNotExist.Error() {
		t.Errorf("error = %v", err)
	}
}

func TestMainEndsOnASignal(t *testing.T) {
	code := daemon.Main(func(ctx context.Context) error {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-ctx.Done() // without the handler the signal would end the test binary
		return nil
	})
	if code != daemon.ExitOK {
		t.Errorf("code = %d", code)
	}
}

func TestBuildInfo(t *testing.T) {
	b := daemon.BuildInfo()
	if b.Version != "devel" || b.Go != runtime.Version() || !strings.Contains(b.Platform, "/") {
		t.Errorf("build = %+v", b)
	}
}
