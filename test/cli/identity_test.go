package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"fairlead.dev/test/harness"
)

// secure is a federation as it is meant to run: an authority made by the command line, a
// server with TLS that believes it, and a shell per identity.
type secure struct {
	*shell
	dir, url string
	server   *server.Server
}

func newSecure(t *testing.T) *secure {
	sh := newShell(t)
	s := &secure{dir: filepath.Join(sh.home, "acme")}
	s.shell = sh.with("FAIRLEAD_AUTHORITY=" + s.dir)
	s.want(0, "trusted as O", "auth", "init", "acme", "--operator", "ada")
	s.want(2, "there is an authority already", "auth", "init", "acme")
	t.Setenv(harness.AccountsVariable, filepath.Join(sh.home, "accounts"))
	nats, ca, err := harness.ServeSecure(sh.home, filepath.Join(s.dir, "nats-auth.conf"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { harness.End(nats) })
	s.server, s.url = nats, "tls://"+nats.Addr().String()
	s.shell = s.with("FAIRLEAD_SERVER="+s.url, "FAIRLEAD_CA="+ca)
	return s
}

// as is the shell of somebody with credentials.
func (s *secure) as(identity string) *shell {
	return s.with("FAIRLEAD_CREDS=" + filepath.Join(s.dir, "creds", identity+".creds"))
}

// A federation from nothing to a running workload, every part with credentials of its own
// and every event signed; then each one's limits, by the same command line.
func TestFederationWithIdentities(t *testing.T) {
	s := newSecure(t)
	ada := s.as("operator-ada")
	ada.want(0, "created", "setup", "--scale", "0.01")
	ada.want(0, "agent-berlin.creds", "clusters", "join", "berlin")
	ada.want(0, "tenant-shop.creds", "auth", "issue", "tenant", "shop")
	ada.want(0, "integration-billing.creds", "auth", "issue", "integration", "billing", "--expires", "2160h")
	ada.want(0, "reader-grace.creds", "auth", "issue", "reader", "grace")
	placement := s.as("placement-placement").start("run", "placement")
	agent := s.as("agent-berlin").start("run", "agent-sim", "--clusters", s.cluster("berlin"))
	eventually(t, "the cluster reports", func() bool { return strings.Contains(ada.run("clusters", "ls").out, "berlin") })
	shop := s.as("tenant-shop")
	shop.want(0, "submitted", "submit", "-f", s.workload("shop"))
	shop.want(0, "ready", "wait", "shop/web", "--timeout", "60s")
	shop.want(0, "berlin", "explain", "shop/web")
	shop.want(4, "speak for /tenants/shop/, not for /tenants/bank/cli", "submit", "-f", s.workload("bank"))
	shop.want(4, "not for /operators/cli", "quota", "set", "shop", "--cpu", "1000")
	grace := s.as("reader-grace")
	grace.want(0, "placement.decided", "tail", "--no-follow", "--since", "1h")
	grace.want(0, "shop/web", "get")
	grace.want(4, "the credentials of grace only read", "deadletters", "rm", "1")
	grace.doctored(t)
	grace.want(4, "the credentials of grace only read", "submit", "-f", s.workload("shop"))
	ada.want(0, "cordoned", "clusters", "cordon", "berlin")
	if r := ada.want(0, "", "deadletters", "ls"); strings.Contains(r.out, "unsigned") {
		t.Errorf("dead letters: %s", r.out)
	}
	s.rotate(t)
	s.processList(t, agent, placement)
	for _, p := range []*background{agent, placement} {
		if code := p.interrupt(); code != 0 {
			t.Errorf("exit %d: %s", code, p.talk.String())
		}
	}
	s.secrets(t, agent, placement)
}

// doctored examines the federation as a reader: what is hidden is said, nothing fails.
func (s *shell) doctored(t *testing.T) {
	t.Helper()
	r := s.want(0, "1 clusters, all report", "doctor")
	for _, line := range []string{`jetstream +hidden`, `checkpoints +hidden`, `INTENTS +ok`, `PLACEMENTS +ok`, `dead letters +ok`, `placement +ok`, `clock +ok`} {
		if !regexp.MustCompile(line).MatchString(r.out) {
			t.Errorf("no %q in\n%s", line, r.out)
		}
	}
}

// rotate changes a reader's key, takes the old one back, then all.
func (s *secure) rotate(t *testing.T) {
	ada := s.as("operator-ada")
	kept := filepath.Join(s.home, "kept.creds")
	old, err := os.ReadFile(filepath.Join(s.dir, "creds", "reader-grace.creds"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, old, 0o600); err != nil {
		t.Fatal(err)
	}
	ada.want(2, "auth rotate reader grace", "auth", "issue", "reader", "grace")
	ada.want(0, "reader-grace.creds", "auth", "rotate", "reader", "grace")
	s.want(0, "shop/web", "get", "--creds", kept)
	ada.want(0, "1 keys revoked", "auth", "revoke", "reader", "grace", "--old")
	s.want(4, "refuses these credentials", "get", "--creds", kept)
	s.as("reader-grace").want(0, "shop/web", "get")
	ada.want(0, "1 keys revoked", "auth", "revoke", "reader", "grace")
	s.as("reader-grace").want(4, "refuses these credentials", "get")
	ada.want(6, "was never issued", "auth", "revoke", "reader", "eve")
	ada.want(0, "revoked", "auth", "ls")
	ada.want(0, "identities told", "auth", "push")
	ada.want(2, "not a DNS label", "auth", "issue", "agent", "*")
	ada.want(2, "want one of", "auth", "issue", "root", "eve")
}

// processList looks for seeds where everybody on the machine can: in the command lines of
// what runs. It needs Linux's /proc, and says so where there is none.
func (s *secure) processList(t *testing.T, running ...*background) {
	t.Helper()
	for _, p := range running {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.cmd.Process.Pid))
		if errors.Is(err, fs.ErrNotExist) {
			t.Log("no /proc here: command lines were not looked at")
			return
		}
		if err != nil || !strings.Contains(string(line), "run") {
			t.Fatalf("command line %q, %v", line, err)
		}
		if aSeed.Match(line) || strings.Contains(string(line), "eyJ") { // a JWT begins so
			t.Error("a seed or a JWT stands in a command line")
		}
	}
}

// aSeed is a private nkey of an operator, an account or a user.
var aSeed = regexp.MustCompile(`\bS[OAU][A-Z2-7]{56}\b`)

// secrets looks for seeds where none may be: in what processes said, and in every file
// that others may read.
func (s *secure) secrets(t *testing.T, said ...*background) {
	seed := aSeed
	for _, p := range said {
		if seed.MatchString(p.talk.String()) {
			t.Error("a process wrote a seed into its log")
		}
	}
	err := filepath.WalkDir(s.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		in := strings.HasPrefix(path, filepath.Join(s.dir, "seeds")) || strings.HasSuffix(path, ".creds")
		if found := seed.Match(text); found && (!in || info.Mode().Perm() != 0o600) {
			t.Errorf("%s, of mode %o, holds a seed", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A service without an identity stays on its machine unless it is told otherwise, and
// nobody sends credentials without TLS.
func TestInsecureOnlyWhenTold(t *testing.T) {
	sh := newShell(t)
	sh.want(2, "--insecure-unsigned", "run", "placement", "--server", "nats://192.0.2.1:4222")
	s := newSecure(t)
	open := startNATS(t, server.Options{})
	elsewhere := strings.Replace(open, "127.0.0.1", "0.0.0.0", 1)
	ada := s.as("operator-ada")
	ada.want(4, "offers no TLS", "get", "--server", elsewhere)
	ada.want(4, "offers no TLS", "auth", "push", "--server", elsewhere)
	ada = ada.with("FAIRLEAD_CA=") // to trust a certificate is to want one
	if r := ada.run("get", "--server", elsewhere, "--insecure-plain"); r.code != 7 || !strings.Contains(r.err, "placement service does not answer") {
		t.Errorf("told to be insecure: exit %d, %s", r.code, r.err)
	}
}

func (s *secure) cluster(name string) string {
	return s.file("clusters.yaml", "clusters:\n  - {name: "+name+", orchestrator: kubernetes, region: eu, kinds: [service], seed: 1, nodes: [{count: 3, shape: a, cpu: 8, memory: 16Gi}]}\n")
}

func (s *secure) workload(tenant string) string {
	return s.file(tenant+".yaml", "tenant: "+tenant+"\nname: web\nkind: service\nreplicas: 2\ntemplate: {image: nginx, resources: {cpu: 500m, memory: 512MiB}}\n")
}

func (s *secure) file(name, text string) string {
	path := filepath.Join(s.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}
