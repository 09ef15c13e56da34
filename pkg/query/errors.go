package query

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

// NotFound says that the state knows no such thing.
type NotFound struct{ What string }

func (e *NotFound) Error() string { return e.What + " not found" }

// Invalid says that the question makes no sense.
type Invalid struct{ Detail string }

func (e *Invalid) Error() string { return "invalid question: " + e.Detail }

// Unreachable says that no placement service answers: none runs, or it rebuilds.
type Unreachable struct{ Cause error }

func (e *Unreachable) Error() string {
	return fmt.Sprintf("no placement service answers (is it running? `fairlead run placement`): %v", e.Cause)
}

func (e *Unreachable) Unwrap() error { return e.Cause }

// The error codes of the service, as NATS micro shows them.
const (
	codeNotFound = "404"
	codeInvalid  = "400"
	codeInternal = "500"
)

// code is what the service says for err.
func code(err error) string {
	var missing *NotFound
	var invalid *Invalid
	switch {
	case errors.As(err, &missing):
		return codeNotFound
	case errors.As(err, &invalid):
		return codeInvalid
	}
	return codeInternal
}

// fromService is the inverse of code, on the side of the client.
func fromService(code, description string) error {
	switch code {
	case codeNotFound:
		return &NotFound{What: description}
	case codeInvalid:
		return &Invalid{Detail: description}
	}
	return errors.New("placement service: " + description)
}

// fromTransport names the errors that mean nobody is there.
func fromTransport(err error) error {
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrConnectionClosed) {
		return &Unreachable{Cause: err}
	}
	return fmt.Errorf("ask the placement service: %w", err)
}
