package fairlead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead.dev/pkg/rights"
	"fairlead.dev/services/fairlead/authority"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// authOptions are those of the commands about one identity.
type authOptions struct {
	*Session
	dir     string
	role    rights.Role
	name    string
	expires time.Duration
	offline bool
	old     bool
	act     func(*authOptions, context.Context, *authority.Authority) error
	out     output.Printer
}

func (s *Session) authCommand(sp spec, act func(*authOptions, context.Context, *authority.Authority) error, bind func(*pflag.FlagSet, *authOptions)) *cobra.Command {
	o := &authOptions{Session: s, act: act}
	sp.args, sp.exits, sp.server = cobra.ExactArgs(2), with(exit.NotFound), true
	return command(sp, o, flags("Flags", func(f *pflag.FlagSet) {
		s.authorityFlag(f, &o.dir)
		f.BoolVar(&o.offline, "offline", false, "tell no server now: auth push does")
		bind(f, o)
	}))
}

func bindExpires(f *pflag.FlagSet, o *authOptions) {
	f.DurationVar(&o.expires, "expires", 0, "`DURATION` after which they open nothing, as 2160h; 0 for never")
}

func newAuthIssue(s *Session) *cobra.Command {
	return s.authCommand(spec{
		use:   "issue ROLE IDENTITY",
		about: "Issue credentials: a file with exactly the rights of the role.",
		detail: "Roles: placement, operator, reader, tenant, integration, agent (which `fairlead clusters join` issues).\n" +
			"The identity is the tenant for a tenant, the cluster for an agent. Install the file, of mode 0600, where it is used.",
		examples: [3]string{
			"fairlead auth issue tenant shop --expires 2160h",
			"fairlead auth issue reader grace --authority ~/acme",
			"fairlead auth issue integration billing -o json",
		},
		see: []string{"fairlead clusters join", "fairlead auth rotate", "docs/identity.md"},
	}, (*authOptions).issue, bindExpires)
}

func newAuthRotate(s *Session) *cobra.Command {
	return s.authCommand(spec{
		use:    "rotate ROLE IDENTITY",
		about:  "Issue a new key to somebody who has one; the old one stays good until it is revoked.",
		detail: "Install the file, let whoever uses it connect again, then: fairlead auth revoke ROLE IDENTITY --old",
		examples: [3]string{
			"fairlead auth rotate agent eu-1",
			"fairlead auth rotate tenant shop --expires 2160h",
			"fairlead auth rotate operator ada && fairlead auth revoke operator ada --old",
		},
		see: []string{"fairlead auth revoke", "fairlead auth ls", "docs/identity.md"},
	}, (*authOptions).rotate, bindExpires)
}

func newAuthRevoke(s *Session) *cobra.Command {
	return s.authCommand(spec{
		use:    "revoke ROLE IDENTITY",
		about:  "Take somebody's keys back: their connections end, and nothing lets them in again.",
		detail: "What they said before stays said. A cluster also leaves the fleet: fairlead clusters leave.",
		examples: [3]string{
			"fairlead auth revoke agent eu-1",
			"fairlead auth revoke agent eu-1 --old",
			"fairlead auth revoke reader grace --offline",
		},
		see: []string{"fairlead auth rotate", "fairlead auth ls", "fairlead clusters leave"},
	}, (*authOptions).revoke, func(f *pflag.FlagSet, o *authOptions) {
		f.BoolVar(&o.old, "old", false, "all keys but the newest: the end of a rotation")
	})
}

// Complete reads role and name.
func (o *authOptions) Complete(args []string) (err error) {
	o.role, o.name = rights.Role(args[0]), args[1]
	o.out, err = o.printer()
	return err
}

// Validate refuses what no rights can be written on.
func (o *authOptions) Validate() error {
	if o.expires < 0 {
		return fmt.Errorf("expires %s: want a time to come", o.expires)
	}
	_, err := rights.Of(o.role, o.name)
	return err
}

// Run acts on the authority.
func (o *authOptions) Run(ctx context.Context) error {
	a, err := openAuthority(o.dir)
	if err != nil {
		return err
	}
	err = o.act(o, ctx, a)
	switch {
	case errors.As(err, new(*authority.Unknown)):
		return exit.With(exit.NotFound, err)
	case errors.Is(err, authority.ErrIssued):
		return exit.Errorf(exit.Usage, "%w: `fairlead auth rotate %s %s` gives new ones", err, o.role, o.name)
	}
	return err
}

func (o *authOptions) until() time.Time {
	if o.expires == 0 {
		return time.Time{}
	}
	return time.Now().Add(o.expires)
}

func (o *authOptions) issue(ctx context.Context, a *authority.Authority) error {
	c, err := a.Issue(o.role, o.name, o.until())
	if err != nil {
		return err
	}
	return o.issued(ctx, a, c)
}

func (o *authOptions) rotate(ctx context.Context, a *authority.Authority) error {
	c, err := a.Rotate(o.role, o.name, o.until())
	if err != nil {
		return err
	}
	return o.issued(ctx, a, c)
}

// issued tells the server, makes what an integration pulls from, and prints.
func (o *authOptions) issued(ctx context.Context, a *authority.Authority, c authority.Credentials) error {
	if err := o.tell(ctx, a); err != nil {
		return err
	}
	if o.role == rights.Integration && !o.offline {
		if err := o.subscribe(ctx); err != nil {
			return fmt.Errorf("the credentials are issued, but nothing to follow is made (`fairlead auth rotate` tries again): %w", err)
		}
	}
	if o.out.Structured() {
		return o.out.Value(c)
	}
	return o.out.Linef("%s %s  %s", c.Role, c.Name, c.File)
}

// tell pushes the identity's account, unless that is for later.
func (o *authOptions) tell(ctx context.Context, a *authority.Authority) error {
	if o.offline {
		return nil
	}
	i, err := a.Find(o.role, o.name)
	if err != nil {
		return err
	}
	if err := o.push(ctx, a, i); err != nil {
		return fmt.Errorf("the files are written, but no server knows yet (`fairlead auth push` tells it): %w", err)
	}
	return nil
}

func (o *authOptions) subscribe(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	return log.Subscribe(ctx, o.name)
}

func (o *authOptions) revoke(ctx context.Context, a *authority.Authority) error {
	keys, err := a.Revoke(o.role, o.name, o.old)
	if err != nil {
		return err
	}
	if err := o.tell(ctx, a); err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(map[string]any{"role": o.role, "name": o.name, "revoked": keys})
	}
	return o.out.Linef("%s %s  %d keys revoked", o.role, o.name, len(keys))
}

// roleNames completes ROLE.
func roleNames() []string {
	var names []string
	for _, r := range rights.Roles() {
		names = append(names, string(r))
	}
	return names
}

// issuedNames completes IDENTITY with what the authority's register knows of the role.
func (s *Session) issuedNames(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	dir, err := c.Flags().GetString("authority")
	if err != nil || len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	a, err := openAuthority(dir)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, i := range a.List() {
		if string(i.Role) == args[0] {
			names = append(names, i.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
