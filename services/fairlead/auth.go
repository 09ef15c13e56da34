package fairlead

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/authority"
	"fairlead.dev/services/fairlead/connection"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newAuth(s *Session) *cobra.Command {
	return parent("auth", "Say who may do what: credentials for services, tenants, operators, readers and integrations.",
		newAuthInit(s), newAuthIssue(s), newAuthList(s), newAuthRotate(s), newAuthRevoke(s), newAuthPush(s))
}

// authorityFlag is the folder that all of these share.
func (s *Session) authorityFlag(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "authority", s.authorityDir(), "`DIR` of the authority, or FAIRLEAD_AUTHORITY")
}

// authorityDir is empty where nothing says it.
func (s *Session) authorityDir() string { return s.Getenv("FAIRLEAD_AUTHORITY") }

var errNoAuthority = exit.Errorf(exit.Usage, "no authority given: use --authority DIR or FAIRLEAD_AUTHORITY (`fairlead auth init` makes one)")

// openAuthority opens the folder.
func openAuthority(dir string) (*authority.Authority, error) {
	if dir == "" {
		return nil, errNoAuthority
	}
	a, err := authority.Open(dir)
	if errors.Is(err, authority.ErrMissing) {
		return nil, exit.With(exit.Usage, err)
	}
	return a, err
}

// push tells the server of an identity's account, with the system's credentials.
func (s *Session) push(ctx context.Context, a *authority.Authority, of ...*authority.Issued) error {
	f := s.flags
	f.Creds, f.Context = a.SystemCreds(), ""
	target, err := connection.Resolve(f, s.Getenv)
	if err != nil {
		return err
	}
	target.Creds = f.Creds
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	nc, err := connection.Connect(ctx, target, "fairlead auth")
	if err != nil {
		return err
	}
	defer nc.Close()
	return refused(a.Push(ctx, nc, of...))
}

// refused gives what the server does not allow its exit code.
func refused(err error) error {
	if errors.Is(err, nats.ErrPermissionViolation) {
		return exit.With(exit.Forbidden, err)
	}
	return err
}

type authInitOptions struct {
	*Session
	dir, name, operator string
	out                 output.Printer
}

func newAuthInit(s *Session) *cobra.Command {
	o := &authInitOptions{Session: s}
	return command(spec{
		use:   "init FEDERATION",
		about: "Make an authority: keys, the server's configuration, credentials of placement and of a first operator.",
		detail: "All is in the folder, readable for you alone; keep it off the machines that run services.\n" +
			"Its seeds/operator.nk is needed never again: move it into a safe. No server is asked.",
		examples: [3]string{
			"fairlead auth init acme --authority ~/acme --operator ada",
			"fairlead auth init acme -o json",
			"FAIRLEAD_AUTHORITY=~/acme fairlead auth init acme",
		},
		exits: []exit.Code{exit.Failure},
		see:   []string{"fairlead auth issue", "fairlead clusters join", "docs/identity.md"},
		args:  cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		s.authorityFlag(f, &o.dir)
		f.StringVar(&o.operator, "operator", "admin", "`NAME` of the first operator")
	}))
}

// Complete reads the name.
func (o *authInitOptions) Complete(args []string) (err error) {
	o.name = args[0]
	o.out, err = o.printer()
	return err
}

// Validate refuses names that are none.
func (o *authInitOptions) Validate() error {
	if o.dir == "" {
		return errNoAuthority
	}
	return errors.Join(event.CheckName(o.name), event.CheckName(o.operator))
}

// Run makes the folder and says what to do with it.
func (o *authInitOptions) Run(context.Context) error {
	a, err := authority.Init(o.dir, o.name, o.operator)
	if errors.Is(err, authority.ErrExists) {
		return exit.With(exit.Usage, err)
	}
	if err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(map[string]any{"federation": a.Name(), "root": a.Root(), "server": a.ServerFile(), "issued": views(a)})
	}
	return o.say(a)
}

func (o *authInitOptions) say(a *authority.Authority) error {
	lines := [][2]string{
		{"Federation", a.Name() + ", trusted as " + a.Root()},
		{"Server", "include " + a.ServerFile() + " in its configuration, beside TLS"},
		{"Placement", a.CredsFile("placement", "placement")},
		{"Operator", a.CredsFile("operator", o.operator)},
		{"Then", "fairlead setup --creds " + filepath.Base(a.CredsFile("operator", o.operator)) + ", fairlead clusters join NAME"},
	}
	for _, l := range lines {
		if err := o.out.Linef("%-11s %s", l[0]+":", l[1]); err != nil {
			return err
		}
	}
	return nil
}

// issuedView is one identity as it is printed: never a secret.
type issuedView struct {
	Role    string     `json:"role"`
	Name    string     `json:"name"`
	State   string     `json:"state"`
	Keys    int        `json:"keys"` // that open the door
	Key     string     `json:"key"`  // public, of the newest
	Issued  time.Time  `json:"issued"`
	Expires *time.Time `json:"expires,omitempty"`
	File    string     `json:"file"`
}

func views(a *authority.Authority) []issuedView {
	all := []issuedView{}
	for _, i := range a.List() {
		k, now := i.Current(), time.Now()
		v := issuedView{string(i.Role), i.Name, k.State(now), 0, k.Public, k.Issued, k.Expires, a.CredsFile(i.Role, i.Name)}
		for _, key := range i.Keys {
			if key.State(now) == "valid" {
				v.Keys++
			}
		}
		all = append(all, v)
	}
	return all
}

type authListOptions struct {
	*Session
	dir string
	out output.Printer
}

func newAuthList(s *Session) *cobra.Command {
	o := &authListOptions{Session: s}
	return command(spec{
		use:   "ls",
		about: "List who was issued credentials, and whether they still open the door.",
		examples: [3]string{
			"fairlead auth ls --authority ~/acme",
			"fairlead auth ls -o wide",
			"fairlead auth ls -o json | jq '.[] | select(.state != \"valid\")'",
		},
		exits: []exit.Code{exit.Failure},
		see:   []string{"fairlead auth rotate", "fairlead auth revoke", "docs/identity.md"},
	}, o, flags("Flags", func(f *pflag.FlagSet) { s.authorityFlag(f, &o.dir) }))
}

// Complete checks the format.
func (o *authListOptions) Complete([]string) (err error) {
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *authListOptions) Validate() error { return nil }

// Run reads the register.
func (o *authListOptions) Run(context.Context) error {
	a, err := openAuthority(o.dir)
	if err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(views(a))
	}
	rows := output.Rows{Columns: []output.Column{{Name: "role"}, {Name: "name"}, {Name: "state"}, {Name: "keys", Right: true},
		{Name: "issued"}, {Name: "expires"}, {Name: "key", Wide: true}, {Name: "file", Wide: true}}}
	for _, v := range views(a) {
		expires := "–"
		if v.Expires != nil {
			expires = v.Expires.Format(time.DateOnly)
		}
		rows.Add(v.Role, v.Name, v.State, fmt.Sprint(v.Keys), v.Issued.Format(time.DateOnly), expires, v.Key, v.File)
	}
	return o.out.Table(rows)
}
