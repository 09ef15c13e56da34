package connection

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"github.com/nats-io/nats.go"
	"github.com/synadia-io/orbit.go/natscontext"
)

// dialTimeout is generous for a server far away and short for a person.
const dialTimeout = 5 * time.Second

// Connect connects to the target; name is shown in the server's list of clients.
// The error tells what was tried, where that came from and what to do.
func Connect(ctx context.Context, t Target, name string) (*nats.Conn, error) {
	options := []nats.Option{
		nats.Name(name),
		nats.Timeout(within(ctx, dialTimeout)),
		nats.MaxReconnects(-1),
		nats.ReconnectBufSize(-1), // what could not be written is told at once and never sent later
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	if t.Creds != "" {
		options = append(options, nats.UserCredentials(t.Creds))
	}
	if t.CA != "" {
		options = append(options, nats.RootCAs(t.CA))
	}
	if (t.Creds != "" || t.known.secret) && !t.plain {
		options = append(options, stream.Guarded(t.URL())...)
	}
	nc, err := dial(t, options)
	if err != nil {
		return nil, explain(t, err)
	}
	return nc, nil
}

func dial(t Target, options []nats.Option) (*nats.Conn, error) {
	if t.Context == "" {
		return nats.Connect(t.Server, options...)
	}
	if t.Server != "" {
		options = append(options, func(o *nats.Options) error {
			o.Url, o.Servers = "", strings.Split(t.Server, ",")
			return nil
		})
	}
	nc, _, err := natscontext.Connect(t.file, options...)
	return nc, err
}

func within(ctx context.Context, most time.Duration) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(min(time.Until(deadline), most), time.Millisecond)
	}
	return most
}

func explain(t Target, err error) error {
	where := t.Server
	if where == "" {
		where = "the server"
	}
	where = fmt.Sprintf("%s (%s)", redacted(where), t.From)
	switch code := exit.Of(err); {
	case errors.Is(err, nats.ErrSecureConnWanted):
		return exit.Errorf(exit.Forbidden, "%s: %w", where, stream.ErrPlain)
	case code == exit.Forbidden:
		return exit.Errorf(code, "%s refuses these credentials: %w", where, err)
	case errors.Is(err, nats.ErrNoServers) && t.dev:
		return exit.Errorf(exit.Unreachable, "nothing answers at %s; start `fairlead dev` again", where)
	case code == exit.Unreachable:
		return exit.Errorf(code, "nothing answers at %s: %w", where, err)
	default:
		return exit.Errorf(code, "connect to %s: %w", where, err)
	}
}
