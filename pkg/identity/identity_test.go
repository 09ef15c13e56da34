package identity_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

// party is an authority and a user with a grant of it.
type party struct {
	root, public string
	seed         []byte
	grant        identity.Grant
	signer       *identity.Signer
	trust        *identity.Trust
}

func newParty(t *testing.T, scope identity.Scope) party {
	t.Helper()
	authority, err := nkeys.CreateOperator()
	must(t, err)
	user, err := nkeys.CreateUser()
	must(t, err)
	var p party
	p.root, err = authority.PublicKey()
	must(t, err)
	p.public, err = user.PublicKey()
	must(t, err)
	p.seed, err = user.Seed()
	must(t, err)
	p.grant, err = identity.Issue(authority, scope, p.public)
	must(t, err)
	p.signer, err = identity.NewSigner(p.seed, p.grant)
	must(t, err)
	p.trust, err = identity.NewTrust(p.root)
	must(t, err)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func hello(c event.ClusterID) event.Event {
	e := event.New(event.AgentSource(c), &event.AgentStarted{Cluster: c, Orchestrator: "kubernetes", Instance: "x"})
	e.ID = "1"
	return e
}

func encoded(t *testing.T, e event.Event) *nats.Msg {
	t.Helper()
	m, err := event.Encode(e)
	must(t, err)
	return m
}

// check is what a reader does.
func check(trust *identity.Trust, m *nats.Msg) error {
	e, err := event.Decode(m.Subject, m.Header, m.Data, event.At{})
	if err != nil {
		return err
	}
	return trust.Check(e, m.Subject, m.Header, m.Data)
}

func TestSignedAndChecked(t *testing.T) {
	p := newParty(t, identity.AgentScope("eu-1"))
	m := encoded(t, hello("eu-1"))
	p.signer.Sign(m)
	m.Header.Set("Nats-Msg-Id", "x") // the transport may add
	for range 2 {                    // the second time by the remembered grant
		must(t, check(p.trust, m))
	}
	first := m.Header.Get(identity.HeaderSignature)
	if p.signer.Sign(m); m.Header.Get(identity.HeaderSignature) != first {
		t.Error("the same message was given two signatures")
	}
}

// Every byte that says something is under the signature.
func TestEveryByteCounts(t *testing.T) {
	p := newParty(t, identity.AgentScope("eu-1"))
	e := hello("eu-1")
	e.Causation = "c"
	m, err := event.EncodeAs(event.Binary, e)
	must(t, err)
	p.signer.Sign(m)
	signed := identity.Signed(m.Subject, m.Header, m.Data)
	for name := range m.Header {
		if strings.HasPrefix(name, "Fairlead-") {
			continue
		}
		changed := nats.Header{}
		for n, v := range m.Header {
			changed[n] = v
		}
		changed[name] = []string{m.Header[name][0] + "x"}
		if string(identity.Signed(m.Subject, changed, m.Data)) == string(signed) {
			t.Errorf("%s may be changed", name)
		}
		delete(changed, name)
		if string(identity.Signed(m.Subject, changed, m.Data)) == string(signed) {
			t.Errorf("%s may be left out", name)
		}
	}
	for i := range m.Data {
		m.Data[i] ^= 1
		if err := p.trust.Check(e, m.Subject, m.Header, m.Data); reason(err) != event.BadSignature {
			t.Fatalf("byte %d of the body may be changed: %v", i, err)
		}
		m.Data[i] ^= 1
	}
	if err := p.trust.Check(e, m.Subject+"x", m.Header, m.Data); reason(err) != event.BadSignature {
		t.Errorf("another subject: %v", err)
	}
}

func reason(err error) string {
	if bad := new(event.Invalid); errors.As(err, &bad) {
		return bad.Reason
	}
	return ""
}

func TestWhoMaySayWhat(t *testing.T) {
	agent := func(c event.ClusterID) identity.Scope { return identity.AgentScope(c) }
	cordon := func(source string) event.Event {
		e := event.New(source, &event.ClusterCordoned{Cluster: "eu-1"})
		e.ID = "1"
		return e
	}
	withdraw := func(source string) event.Event {
		e := event.New(source, &event.WorkloadWithdrawn{Tenant: "shop", Name: "web"})
		e.ID = "1"
		return e
	}
	for name, tc := range map[string]struct {
		scope identity.Scope
		event event.Event
		want  string
	}{
		"an agent of itself":              {agent("eu-1"), hello("eu-1"), ""},
		"an agent of another":             {agent("eu-1"), hello("eu-2"), event.WrongSigner},
		"an agent of a longer name":       {agent("eu-1"), hello("eu-10"), event.WrongSigner},
		"an operator of a cluster":        {identity.OperatorScope("ada"), cordon("/operators/ada"), ""},
		"an operator as another":          {identity.OperatorScope("ada"), cordon("/operators/eve"), event.WrongSigner},
		"an operator for a tenant":        {identity.OperatorScope("ada"), withdraw("/operators/ada"), ""},
		"a tenant's client":               {identity.TenantScope("shop"), withdraw("/tenants/shop/ci"), ""},
		"a tenant without a client":       {identity.TenantScope("shop"), withdraw("/tenants/shop/"), event.WrongSigner},
		"a tenant that is an operator":    {identity.TenantScope("shop"), cordon("/anybody"), event.WrongSource},
		"placement as an operator":        {identity.PlacementScope(), cordon("/placement/a"), event.WrongSource},
		"an agent where operators speak":  {agent("eu-1"), cordon("/clusters/eu-1/agent"), event.WrongSource},
		"an operator where an agent does": {identity.OperatorScope("ada"), hello("eu-1"), event.WrongSigner},
	} {
		t.Run(name, func(t *testing.T) {
			p := newParty(t, tc.scope)
			m := encoded(t, tc.event)
			p.signer.Sign(m)
			if err := check(p.trust, m); reason(err) != tc.want || err == nil != (tc.want == "") {
				t.Errorf("%v, want %q", err, tc.want)
			}
			other := newParty(t, tc.scope)
			if err := check(other.trust, m); err == nil {
				t.Error("another authority believes it")
			}
		})
	}
}

func TestUnsignedMode(t *testing.T) {
	m := encoded(t, hello("eu-1"))
	var nobody *identity.Signer
	nobody.Sign(m)
	if len(m.Header[identity.HeaderSignature]) > 0 {
		t.Error("nobody signed")
	}
	must(t, check(nil, m))
	if err := check(newParty(t, identity.AgentScope("eu-1")).trust, m); reason(err) != event.Unsigned {
		t.Errorf("unsigned where signatures are wanted: %v", err)
	}
}

// A record of PLACEMENTS that says it stands elsewhere is a copy.
func TestCopiesOfRecords(t *testing.T) {
	p := newParty(t, identity.PlacementScope())
	e := event.New(event.PlacementSource("a"), &event.CommandSynchronise{Cluster: "eu-1", Incarnation: 1, First: 1})
	e.ID, e.At = "c_7", event.At{Stream: event.Placements, Sequence: 7}
	m := encoded(t, e)
	p.signer.Sign(m)
	for at, want := range map[uint64]string{7: "", 8: event.WrongSource} {
		read, err := event.Decode(m.Subject, m.Header, m.Data, event.At{Stream: event.Placements, Sequence: at})
		must(t, err)
		if err := p.trust.Check(read, m.Subject, m.Header, m.Data); reason(err) != want {
			t.Errorf("at %d: %v, want %q", at, err, want)
		}
	}
}

// The id by which the store drops copies cannot be guessed by others, and is the same at
// every try.
func TestIDs(t *testing.T) {
	a, b := newParty(t, identity.AgentScope("eu-1")), newParty(t, identity.AgentScope("eu-1"))
	first := a.signer.ID("s", "1")
	if again := a.signer.ID("s", "1"); again != first || a.signer.ID("s", "1") == b.signer.ID("s", "1") || a.signer.ID("s", "1") == a.signer.ID("s", "2") {
		t.Error("ids are not of the signer and the event")
	}
}

func TestScopesAreNoPatterns(t *testing.T) {
	authority, err := nkeys.CreateOperator()
	must(t, err)
	user := newParty(t, identity.AgentScope("eu-1")).public
	for _, scope := range []identity.Scope{"", "/", "/clusters/*/agent", "clusters/a", "/a b", "/A", "/a\n/b", "/a>"} {
		if _, err := identity.Issue(authority, scope, user); err == nil {
			t.Errorf("granted %q", scope)
		}
	}
	if _, err := identity.Issue(authority, "/operators/ada", "UABC"); err == nil {
		t.Error("granted to what is no key")
	}
}

// credentials writes a file as the authority does.
func credentials(t *testing.T, p party, mode os.FileMode, statement identity.Statement) string {
	t.Helper()
	block, err := statement.Format()
	must(t, err)
	text := "-----BEGIN NATS USER JWT-----\neyJ.a.b\n------END NATS USER JWT------\n\n" +
		"-----BEGIN USER NKEY SEED-----\n" + string(p.seed) + "\n------END USER NKEY SEED------\n" + string(block)
	file := filepath.Join(t.TempDir(), "x.creds")
	must(t, os.WriteFile(file, []byte(text), mode))
	return file
}

func TestCredentials(t *testing.T) {
	p := newParty(t, identity.AgentScope("eu-1"))
	id, err := identity.Load(credentials(t, p, 0o600, identity.State("eu-1", p.grant, p.root)))
	must(t, err)
	m := encoded(t, hello("eu-1"))
	id.Signer.Sign(m)
	must(t, check(id.Trust, m))
	if id.Name != "eu-1" || id.Signer.Public() != p.public {
		t.Errorf("%s, %s", id.Name, id.Signer.Public())
	}
}

// What is wrong with a file is said, and nothing of what is in it.
func TestBadCredentials(t *testing.T) {
	p, q := newParty(t, identity.AgentScope("eu-1")), newParty(t, identity.AgentScope("eu-1"))
	for name, file := range map[string]string{
		"readable by all":       credentials(t, p, 0o644, identity.State("eu-1", p.grant, p.root)),
		"another's grant":       credentials(t, p, 0o600, identity.State("eu-1", q.grant, p.root)),
		"another authority":     credentials(t, p, 0o600, identity.State("eu-1", p.grant, q.root)),
		"nobody to trust":       credentials(t, p, 0o600, identity.State("eu-1", p.grant)),
		"a seed as authority":   credentials(t, p, 0o600, identity.State("eu-1", p.grant, string(p.seed))),
		"nothing there":         filepath.Join(t.TempDir(), "missing"),
		"a folder in its place": t.TempDir(),
	} {
		_, err := identity.Load(file)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), string(p.seed)) {
			t.Errorf("%s: the error quotes the seed", name)
		}
	}
}

// FuzzCheck: no headers make a reader panic or believe what was not signed.
func FuzzCheck(f *testing.F) {
	authority, _ := nkeys.CreateOperator()
	root, _ := authority.PublicKey()
	trust, err := identity.NewTrust(root)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("UABC", "/clusters/eu-1/agent AAAA", "AAAA")
	f.Add("", " ", "")
	f.Add(root, "/ x", "=")
	f.Fuzz(func(t *testing.T, signer, grant, signature string) {
		m := encoded(t, hello("eu-1"))
		m.Header[identity.HeaderSigner] = []string{signer}
		m.Header[identity.HeaderGrant] = []string{grant}
		m.Header[identity.HeaderSignature] = []string{signature}
		if check(trust, m) == nil {
			t.Fatalf("believed %q %q %q", signer, grant, signature)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	authority, _ := nkeys.CreateOperator()
	user, _ := nkeys.CreateUser()
	public, _ := user.PublicKey()
	seed, _ := user.Seed()
	grant, _ := identity.Issue(authority, identity.AgentScope("eu-1"), public)
	signer, _ := identity.NewSigner(seed, grant)
	root, _ := authority.PublicKey()
	trust, _ := identity.NewTrust(root)
	m, err := event.Encode(hello("eu-1"))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			signer.Sign(m)
		}
	})
	e, err := event.Decode(m.Subject, m.Header, m.Data, event.At{})
	if err != nil {
		b.Fatal(err)
	}
	signer.Sign(m)
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := trust.Check(e, m.Subject, m.Header, m.Data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
