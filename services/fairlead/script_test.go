package fairlead

import (
	"context"
	"os"
	"strconv"
	"testing"

	"fairlead.dev/services/fairlead/exit"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"fairlead": func() {
			os.Exit(int(Run(context.Background(), Session{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()}, os.Args[1:])))
		},
	})
}

// TestScripts runs testdata/script/*.txtar: what works without a server, and every way
// of getting it wrong. `exits CODE command…` checks the exit code.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

// exits runs fairlead and compares its exit code with the first argument, a number.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := exit.OK
	if coded, ok := err.(interface{ ExitCode() int }); ok {
		got = exit.Code(coded.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want := args[0]; want != itoa(got) {
		ts.Fatalf("exit code %s, want %s", itoa(got), want)
	}
}

func itoa(c exit.Code) string { return strconv.Itoa(int(c)) }
