package exit

import (
	"errors"
	"fmt"
)

// Code is the exit code of the process.
type Code int

// The exit codes. They are part of the product's surface: a number is never
// given a second meaning.
const (
	OK          Code = 0
	Failure     Code = 1
	Usage       Code = 2
	Unplaceable Code = 3
	Forbidden   Code = 4
	StalePlan   Code = 5
	NotFound    Code = 6
	Unreachable Code = 7
	Partial     Code = 8
	WouldChange Code = 10
	TimedOut    Code = 124
	Interrupted Code = 130
)

// Table lists every code with its meaning, lowest first.
var Table = []struct {
	Code    Code
	Meaning string
}{
	{OK, "done"},
	{Failure, "failure"},
	{Usage, "usage, bad input or a missing file"},
	{Unplaceable, "nothing placeable"},
	{Forbidden, "not allowed"},
	{StalePlan, "stale plan"},
	{NotFound, "not found"},
	{Unreachable, "unreachable"},
	{Partial, "partial"},
	{WouldChange, "plan --exit-code: would change"},
	{TimedOut, "wait timed out"},
	{Interrupted, "interrupted"},
}

// Meaning says in a few words what the code stands for.
func (c Code) Meaning() string {
	for _, row := range Table {
		if row.Code == c {
			return row.Meaning
		}
	}
	return "unknown"
}

// Error is an error that ends the process with a code. A Silent one is not
// printed: the output already said it all.
type Error struct {
	Code   Code
	Err    error
	Silent bool
}

// Error is the text of the wrapped error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// With attaches a code to an error; nil stays nil.
func With(code Code, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err}
}

// Errorf formats an error that carries a code.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Quietly ends the process with a code without a further word.
func Quietly(code Code) error {
	return &Error{Code: code, Err: errors.New(code.Meaning()), Silent: true}
}
