package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// The reasons for which Connect fails, for errors.Is.
var (
	ErrUnreachable  = errors.New("no server answers")
	ErrUnauthorized = errors.New("the server does not accept these credentials")
	// ErrPlain is a server that offers no TLS to somebody who has credentials.
	ErrPlain = errors.New("the server offers no TLS, and credentials are not sent without it (--insecure-plain allows it)")
)

// ConnConfig says how to reach the log. Only URL, or Server, is needed.
type ConnConfig struct {
	URL    string                     // nats://, tls:// or wss://, several separated by commas
	Server nats.InProcessConnProvider // an embedded server, in place of URL

	Name        string // shown by the server; for example agent-eu-1
	Creds       string // file of user JWT and seed
	NKey        string // file of an nkey seed
	User        string
	Password    string
	CA          string // file of the certificates to trust, in place of the system's
	Cert, Key   string // files of the client certificate
	InboxPrefix string // where replies come; must fit the permissions, for example _INBOX_eu-1
	// InsecurePlain lets credentials go over a connection without TLS, where whoever is
	// in between can read and write everything.
	InsecurePlain bool
	// InsecureUnsigned lets a service go without an identity where the log is not on its
	// own machine: nothing is signed, and anybody's word is believed.
	InsecureUnsigned bool

	Timeout time.Duration // of one attempt; default 5 s
	Log     *slog.Logger  // default slog.Default
}

// Connect makes the connection that every service uses. It tries each server once; after
// that the connection comes back by itself, for ever. While it is away nothing
// is buffered: what could not be written is told at once and never sent later.
// The error wraps ErrUnreachable or ErrUnauthorized where one of them is the
// reason.
func Connect(ctx context.Context, c ConnConfig) (*nats.Conn, error) {
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	d := (&dialer{Dialer: net.Dialer{Timeout: c.timeout()}}).within(ctx)
	options = append(options, nats.SetCustomDialer(d))
	if c.Server != nil {
		options = append(options, nats.InProcessServer(c.Server))
	}
	nc, err := nats.Connect(cmp.Or(c.URL, nats.DefaultURL), options...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", c.where(), because(err))
	}
	d.within(context.Background())
	return nc, nil
}

func (c ConnConfig) where() string {
	if c.Server != nil {
		return "the embedded server"
	}
	return cmp.Or(c.URL, nats.DefaultURL)
}

func (c ConnConfig) timeout() time.Duration { return cmp.Or(c.Timeout, 5*time.Second) }

func (c ConnConfig) options() ([]nats.Option, error) {
	options := []nats.Option{
		nats.Name(cmp.Or(c.Name, "fairlead")),
		nats.Timeout(c.timeout()),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(500*time.Millisecond, time.Second),
		nats.ReconnectBufSize(-1),
		nats.IgnoreAuthErrorAbort(), // credentials may be put right on the server
	}
	options = append(options, c.reporters()...)
	if c.InboxPrefix != "" {
		options = append(options, nats.CustomInboxPrefix(c.InboxPrefix))
	}
	return c.identity(options)
}

func (c ConnConfig) identity(options []nats.Option) ([]nats.Option, error) {
	if c.Creds != "" {
		options = append(options, nats.UserCredentials(c.Creds))
	}
	if c.NKey != "" {
		nkey, err := nats.NkeyOptionFromSeed(c.NKey)
		if err != nil {
			return nil, fmt.Errorf("read nkey seed %s: %w", c.NKey, err)
		}
		options = append(options, nkey)
	}
	if c.User != "" {
		options = append(options, nats.UserInfo(c.User, c.Password))
	}
	if c.CA != "" {
		options = append(options, nats.RootCAs(c.CA))
	}
	if c.Cert != "" || c.Key != "" {
		options = append(options, nats.ClientCert(c.Cert, c.Key))
	}
	return append(options, c.guarded()...), nil
}

// reporters tell what would else be silent: a publish that permissions forbid
// looks like a time-out to its caller.
func (c ConnConfig) reporters() []nats.Option {
	log := cmp.Or(c.Log, slog.Default()).With("connection", cmp.Or(c.Name, "fairlead"))
	return []nats.Option{
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("connection is back", "server", nc.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			log.Error("connection error", "error", err, "subject", subject)
		}),
	}
}

func because(err error) error {
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired),
		errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired):
		return fmt.Errorf("%w: %w", ErrUnauthorized, err)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return ErrPlain
	case errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout), errors.As(err, new(*net.OpError)):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// dialer lets the context of Connect end the first attempt; later ones, of a
// connection that comes back, have their time-out only.
type dialer struct {
	net.Dialer
	first atomic.Pointer[context.Context]
}

func (d *dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(*d.first.Load(), network, address)
}

func (d *dialer) within(ctx context.Context) *dialer {
	d.first.Store(&ctx)
	return d
}
