package fairlead

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/workfile"
)

// Run carries out one command line and gives the code to exit with. An error is
// printed as one clear line, or one line per fault of a file, without usage or
// stack.
func Run(ctx context.Context, s Session, args []string) exit.Code {
	root := newRoot(&s)
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	err := root.ExecuteContext(s.called(ctx))
	if err == nil {
		return exit.OK
	}
	code := exit.Of(err)
	if ctx.Err() != nil {
		code = exit.Interrupted
	}
	if coded, ok := errors.AsType[*exit.Error](err); code != exit.Interrupted && !(ok && coded.Silent) {
		fmt.Fprintln(s.Err, message(err))
	}
	return code
}

// message puts the program's name before an error of one line; faults of files
// stand alone, so that editors can jump to them.
func message(err error) string {
	text := err.Error()
	if strings.Contains(text, "\n") || isFaults(err) {
		return text
	}
	return "fairlead: " + text
}

func isFaults(err error) bool {
	_, ok := errors.AsType[workfile.Faults](err)
	return ok
}
