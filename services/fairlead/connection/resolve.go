package connection

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"fairlead.dev/pkg/identity"
	"fairlead.dev/services/fairlead/exit"
	"github.com/nats-io/nkeys"
)

// Flags are what the command line says about the connection; empty means unsaid.
type Flags struct {
	Server        string
	Context       string
	Creds         string
	CA            string // file of certificates to trust
	InsecurePlain bool   // credentials may go over connections without TLS
}

// Target is a server to talk to and where the choice came from.
type Target struct {
	Server  string // one or more URLs, comma-separated; empty with a context: the context's own
	Context string // natscli context that supplies the identity and, if Server is empty, the URL
	Creds   string // credentials file
	CA      string // file of certificates to trust
	From    string // for people: "--server", "FAIRLEAD_SERVER", "--context prod", "fairlead dev"
	dev     bool
	plain   bool   // credentials may go without TLS
	file    string // of the context
	known   Context
}

// URL is where the target leads.
func (t Target) URL() string { return first(t.Server, t.known.URL) }

// CredsFile is the file of credentials, the context's own if none was given; empty for
// none.
func (t Target) CredsFile() string { return first(t.Creds, t.known.creds) }

// Identity is who the credentials say that one is; zero where there are none, or none of
// an authority.
func (t Target) Identity() (identity.Identity, error) {
	if t.CredsFile() == "" {
		return identity.Identity{}, nil
	}
	return identity.Load(t.CredsFile())
}

// Resolve chooses the target. Each part is taken from the first place that has
// it, so a server given by hand may go with the identity of a context.
func Resolve(f Flags, getenv func(string) string) (Target, error) {
	t := Target{
		Context: first(f.Context, getenv("FAIRLEAD_CONTEXT")),
		Creds:   first(f.Creds, getenv("FAIRLEAD_CREDS")),
		CA:      first(f.CA, getenv("FAIRLEAD_CA")),
		plain:   f.InsecurePlain || getenv("FAIRLEAD_INSECURE_PLAIN") == "true",
	}
	if err := t.check(getenv); err != nil {
		return Target{}, err
	}
	env := getenv("FAIRLEAD_SERVER")
	switch {
	case f.Server != "":
		t.Server, t.From = f.Server, "--server"
	case env != "":
		t.Server, t.From = env, "FAIRLEAD_SERVER"
	case t.Context != "":
		t.From = "context " + t.Context
	default:
		return fromDev(t, getenv)
	}
	return t, wellFormed(t)
}

func fromDev(t Target, getenv func(string) string) (Target, error) {
	dev, err := FindDev(getenv)
	if err != nil {
		return Target{}, exit.Errorf(exit.Unreachable, "no server given and no fairlead dev is running: start `fairlead dev`, "+
			"or give --server URL, FAIRLEAD_SERVER or --context NAME")
	}
	t.Server, t.From, t.dev = dev.Server, "fairlead dev", true
	return t, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// check refuses a context or a credentials file that is not there.
func (t *Target) check(getenv func(string) string) error {
	if t.Context != "" {
		c, err := ReadContext(t.Context, getenv)
		if err != nil {
			return err
		}
		t.known = c
		if t.file, err = filepath.Abs(c.File); err != nil {
			return exit.Errorf(exit.Usage, "context %s: %w", t.Context, err)
		}
	}
	if t.Creds == "" {
		return nil
	}
	return checkCreds(t.Creds)
}

// checkCreds says in plain words what a later handshake would wrap in many.
func checkCreds(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return exit.Errorf(exit.Usage, "credentials: %w", err)
	}
	defer clear(text)
	if token, err := nkeys.ParseDecoratedJWT(text); err != nil || strings.Count(token, ".") != 2 {
		return exit.Errorf(exit.Usage, "credentials: %s holds no user JWT, as the .creds files of `nsc` do", file)
	}
	if _, err := nkeys.ParseDecoratedNKey(text); err != nil {
		return exit.Errorf(exit.Usage, "credentials: %s holds no seed, as the .creds files of `nsc` do", file)
	}
	return nil
}

func wellFormed(t Target) error {
	for one := range strings.SplitSeq(t.Server, ",") {
		if one == "" && t.Context != "" {
			continue
		}
		raw := strings.TrimSpace(one)
		if !strings.Contains(raw, "://") {
			raw = "nats://" + raw
		}
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			return exit.Errorf(exit.Usage, "server %q from %s is not a URL such as nats://127.0.0.1:4222", one, t.From)
		}
		switch u.Scheme {
		case "nats", "tls", "ws", "wss":
		default:
			return exit.Errorf(exit.Usage, "server %q from %s: want nats, tls, ws or wss, not %s", one, t.From, u.Scheme)
		}
	}
	return nil
}
