package security_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/authority"
	"fairlead.dev/test/harness"
)

// knock connects once and gives why not.
func (f *federation) knock(creds string) error {
	nc, err := nats.Connect(f.url, nats.RootCAs(f.ca), nats.UserCredentials(creds), nats.Timeout(3*time.Second))
	if err == nil {
		nc.Close()
	}
	return err
}

// A key that was revoked is put out at once and not let in again; the key that replaced
// it works all the while.
func TestRotateAndRevoke(t *testing.T) {
	f := found(t)
	old := f.issue(rights.Agent, "eu-1")
	kept := filepath.Join(t.TempDir(), "old.creds")
	raw, err := os.ReadFile(old.File)
	must(t, err)
	must(t, os.WriteFile(kept, raw, 0o600))
	out := make(chan error, 1)
	nc, err := nats.Connect(f.url, nats.RootCAs(f.ca), nats.UserCredentials(kept), nats.NoReconnect(),
		nats.ClosedHandler(func(nc *nats.Conn) { out <- nc.LastError() }))
	must(t, err)
	defer nc.Close()

	if _, err := f.authority.Rotate(rights.Agent, "eu-1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	f.push(rights.Agent, "eu-1")
	must(t, f.knock(kept)) // both are good until the old one is revoked
	must(t, f.knock(old.File))

	revoked, err := f.authority.Revoke(rights.Agent, "eu-1", true)
	must(t, err)
	if len(revoked) != 1 || revoked[0] != old.Key {
		t.Fatalf("revoked %v, want %s", revoked, old.Key)
	}
	f.push(rights.Agent, "eu-1")
	select {
	case err := <-out:
		t.Logf("the old key's connection was ended: %v", err)
	case <-time.After(10 * time.Second):
		t.Error("the old key's connection lives on")
	}
	if err := f.knock(kept); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("the old key at the door: %v", err)
	}
	must(t, f.knock(old.File)) // the file holds the new one

	if _, err := f.authority.Revoke(rights.Agent, "eu-1", false); err != nil {
		t.Fatal(err)
	}
	f.push(rights.Agent, "eu-1")
	if err := f.knock(old.File); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("the last key at the door after all were revoked: %v", err)
	}
}

// An operator is revoked in the log's own account, and nobody else with it.
func TestRevokeAnOperator(t *testing.T) {
	f := found(t)
	mallory := f.issue(rights.Operator, "mallory")
	must(t, f.knock(mallory.File))
	if _, err := f.authority.Revoke(rights.Operator, "mallory", false); err != nil {
		t.Fatal(err)
	}
	f.push(rights.Operator, "mallory")
	if err := f.knock(mallory.File); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a revoked operator at the door: %v", err)
	}
	must(t, f.knock(f.authority.CredsFile(rights.Operator, "ada")))
	must(t, f.knock(f.authority.CredsFile(rights.Placement, "placement")))
}

// Credentials that expired open nothing.
func TestExpired(t *testing.T) {
	f := found(t)
	c, err := f.authority.Issue(rights.Tenant, "shop", time.Now().Add(-time.Minute))
	must(t, err)
	f.push(rights.Tenant, "shop")
	if err := f.knock(c.File); err == nil {
		t.Error("expired credentials were let in")
	}
}

// Another authority's credentials mean nothing here, and none mean nothing either.
func TestStrangers(t *testing.T) {
	f := found(t)
	foreign, err := authority.Init(filepath.Join(t.TempDir(), "foreign"), "test", "ada")
	must(t, err)
	if err := f.knock(foreign.CredsFile(rights.Operator, "ada")); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a stranger at the door: %v", err)
	}
	if nc, err := nats.Connect(f.url, nats.RootCAs(f.ca)); err == nil {
		nc.Close()
		t.Error("somebody without credentials was let in")
	}
}

// Without TLS nothing is sent: the server wants it, and the client does not give its
// credentials to a server that does not.
func TestNoTLS(t *testing.T) {
	f := found(t)
	creds := f.authority.CredsFile(rights.Operator, "ada")
	plain := strings.Replace(f.url, "tls://", "nats://", 1)
	if nc, err := nats.Connect(plain, nats.UserCredentials(creds)); err == nil {
		nc.Close()
		t.Error("the server lets somebody in without TLS that he trusts")
	}
	open, err := harness.Serve(&server.Options{Port: server.RANDOM_PORT})
	must(t, err)
	defer harness.End(open)
	// Not by the name of loopback, where nothing leaves the machine.
	url := strings.Replace("nats://"+open.Addr().String(), "127.0.0.1", "0.0.0.0", 1)
	c := stream.ConnConfig{URL: url, Creds: creds}
	if nc, err := stream.Connect(t.Context(), c); !errors.Is(err, stream.ErrPlain) {
		if err == nil {
			nc.Close()
		}
		t.Errorf("credentials over a plain connection: %v", err)
	}
	c.InsecurePlain = true
	nc, err := stream.Connect(t.Context(), c)
	must(t, err)
	nc.Close()
}

// A name that could be a pattern is given nothing, by whatever way it comes.
func TestPatternsAreNoNames(t *testing.T) {
	a, err := authority.Init(filepath.Join(t.TempDir(), "a"), "test", "ada")
	must(t, err)
	for _, name := range []string{"*", ">", "eu-1.>", "eu.*", "", "EU", "eu 1", "eu-1\nx", "../eu-1", "$SYS"} {
		for _, role := range rights.Roles() {
			if c, err := a.Issue(role, name, time.Time{}); err == nil {
				t.Errorf("%s %q was given %s", role, name, c.File)
			}
		}
	}
}

// TestReplySubjectsInOneAccount shows why agents have accounts of their own, and that the
// attempts above would find it out if they had not: with the same rights as a user of the
// log's account, the server's empty answer to a pull deletes the stream.
func TestReplySubjectsInOneAccount(t *testing.T) {
	account := server.NewAccount("federation")
	r, err := rights.Of(rights.Agent, "eu-1")
	must(t, err)
	s, err := harness.Serve(&server.Options{
		Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), Accounts: []*server.Account{account},
		Users: []*server.User{
			{Username: "ada", Password: "x", Account: account},
			{Username: "eu-1", Password: "x", Account: account, Permissions: &server.Permissions{
				Publish: &server.SubjectPermission{Allow: append(r.Publish, r.Stream...)}, Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}}}},
		},
	})
	must(t, err)
	defer harness.End(s)
	account, err = s.LookupAccount("federation")
	must(t, err)
	must(t, account.EnableJetStream(nil, nil))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ada, agent := user(t, s, "ada"), user(t, s, "eu-1")
	js, err := jetstream.New(ada)
	must(t, err)
	if _, err := stream.Setup(ctx, js, stream.Options{Scale: 0.01}); err != nil {
		t.Fatal(err)
	}
	log, err := stream.Open(ctx, ada, stream.Options{})
	must(t, err)
	must(t, log.Join(ctx, "eu-1"))
	m := &member{nc: agent}
	must(t, m.send(r.Stream[0], "$JS.API.STREAM.DELETE.PLACEMENTS", nil, []byte(`{"no_wait":true}`)))
	(&stage{admin: &member{js: js}}).settle(t, m)
	if _, err := js.Stream(ctx, string(event.Placements)); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("the stream is still there (%v): this server checks reply subjects, and ADR 16 may be thought over", err)
	}
}

func user(t *testing.T, s *server.Server, name string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo(name, "x"))
	must(t, err)
	t.Cleanup(nc.Close)
	return nc
}
