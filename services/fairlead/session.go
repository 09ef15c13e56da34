package fairlead

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/identity"
	"fairlead.dev/services/fairlead/connection"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/nats-io/nats.go"
)

// Session is what surrounds one run of the command line: its streams, its
// environment and the flags that every command shares.
type Session struct {
	In      io.Reader
	Out     io.Writer // data
	Err     io.Writer // talk
	Environ []string  // NAME=value as of os.Environ
	Colour  bool      // Out is a terminal whose owner wants colour
	Watched bool      // Err is a terminal: waiting tells how it goes

	flags   connection.Flags
	tenant  string
	format  string
	timeout time.Duration
}

// Getenv gives a variable of the session's environment, "" when it is not set.
func (s *Session) Getenv(name string) string {
	for _, line := range slices.Backward(s.Environ) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

// printer checks -o and gives the printer for it.
func (s *Session) printer() (output.Printer, error) {
	format := s.format
	if format == "" {
		format = s.Getenv("FAIRLEAD_OUTPUT")
	}
	f, err := output.ParseFormat(format)
	if err != nil {
		return output.Printer{}, exit.With(exit.Usage, err)
	}
	return output.Printer{Out: s.Out, Format: f, Colour: s.Colour}, nil
}

// talk prints to stderr what is not data.
func (s *Session) talk() output.Printer { return output.Printer{Out: s.Err} }

// tenantName is --tenant, else FAIRLEAD_TENANT, else empty.
func (s *Session) tenantName() string {
	if s.tenant != "" {
		return s.tenant
	}
	return s.Getenv("FAIRLEAD_TENANT")
}

// connect resolves the server and connects to it, as whoever the credentials say.
func (s *Session) connect(ctx context.Context) (*nats.Conn, identity.Identity, error) {
	target, err := connection.Resolve(s.flags, s.Getenv)
	if err != nil {
		return nil, identity.Identity{}, err
	}
	id, err := target.Identity()
	if err != nil {
		return nil, id, exit.With(exit.Usage, err)
	}
	if s.flags.Context != "" && target.From == "FAIRLEAD_SERVER" {
		_ = s.talk().Linef("fairlead: FAIRLEAD_SERVER=%s goes before the server of context %s", target.Server, target.Context)
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	nc, err := connection.Connect(ctx, target, "fairlead")
	return nc, id, err
}

// bounded limits a connection or one question to the service by --timeout.
func (s *Session) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.timeout)
}
