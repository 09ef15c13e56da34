package security_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/authority"
	"fairlead.dev/test/harness"
)

// federation is a real server that believes a real authority, over TLS.
type federation struct {
	t         *testing.T
	authority *authority.Authority
	url, ca   string
	system    *nats.Conn
}

func found(t *testing.T) *federation {
	t.Helper()
	dir := t.TempDir()
	a, err := authority.Init(filepath.Join(dir, "authority"), "test", "ada")
	must(t, err)
	t.Setenv(harness.AccountsVariable, filepath.Join(dir, "accounts"))
	s, cert, err := harness.ServeSecure(dir, a.ServerFile())
	must(t, err)
	t.Cleanup(func() { harness.End(s) })
	f := &federation{t: t, authority: a, url: "tls://" + s.Addr().String(), ca: cert}
	f.system = f.dial(a.SystemCreds())
	js, err := jetstream.New(f.as(rights.Operator, "ada").nc)
	must(t, err)
	_, err = stream.Setup(t.Context(), js, stream.Options{Scale: 0.01})
	must(t, err)
	return f
}

// quiet is for what is refused on purpose: the table tells it.
var quiet = slog.New(slog.DiscardHandler)

// dial connects with a file of credentials.
func (f *federation) dial(creds string) *nats.Conn {
	f.t.Helper()
	nc, err := stream.Connect(f.t.Context(), stream.ConnConfig{URL: f.url, CA: f.ca, Creds: creds, Log: quiet})
	must(f.t, err)
	f.t.Cleanup(nc.Close)
	return nc
}

// issue makes credentials and tells the server.
func (f *federation) issue(role rights.Role, name string) authority.Credentials {
	f.t.Helper()
	c, err := f.authority.Issue(role, name, time.Time{})
	must(f.t, err)
	f.push(role, name)
	return c
}

func (f *federation) push(role rights.Role, name string) {
	f.t.Helper()
	i, err := f.authority.Find(role, name)
	must(f.t, err)
	ctx, cancel := context.WithTimeout(f.t.Context(), 10*time.Second)
	defer cancel()
	must(f.t, f.authority.Push(ctx, f.system, i))
}

// member is one identity at work.
type member struct {
	nc  *nats.Conn
	js  jetstream.JetStream
	log *stream.Log
	id  identity.Identity
}

// as connects as somebody who has credentials.
func (f *federation) as(role rights.Role, name string) *member {
	f.t.Helper()
	file := f.authority.CredsFile(role, name)
	id, err := identity.Load(file)
	must(f.t, err)
	m := &member{nc: f.dial(file), id: id}
	m.js, err = jetstream.New(m.nc, jetstream.WithDefaultTimeout(3*time.Second))
	must(f.t, err)
	m.log, err = stream.Open(f.t.Context(), m.nc, stream.Options{SkipCheck: true, AckTimeout: 3 * time.Second, Identity: id, Log: quiet})
	must(f.t, err)
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
