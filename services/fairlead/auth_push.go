package fairlead

import (
	"context"

	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type authPushOptions struct {
	*Session
	dir string
	out output.Printer
}

func newAuthPush(s *Session) *cobra.Command {
	o := &authPushOptions{Session: s}
	return command(spec{
		use:    "push",
		about:  "Tell the servers of every account, with the credentials that the authority keeps for it.",
		detail: "After --offline, after a server lost its folder, or when in doubt: telling again changes nothing.",
		examples: [3]string{
			"fairlead auth push --server tls://nats.example.org:4222",
			"fairlead auth push --authority ~/acme --ca ca.pem",
			"fairlead auth push -o json",
		},
		exits:  connected,
		see:    []string{"fairlead auth issue", "fairlead auth revoke", "docs/identity.md"},
		server: true,
	}, o, flags("Flags", func(f *pflag.FlagSet) { s.authorityFlag(f, &o.dir) }))
}

// Complete checks the format.
func (o *authPushOptions) Complete([]string) (err error) {
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *authPushOptions) Validate() error { return nil }

// Run tells all.
func (o *authPushOptions) Run(ctx context.Context) error {
	a, err := openAuthority(o.dir)
	if err != nil {
		return err
	}
	if err := o.push(ctx, a); err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(map[string]any{"told": len(a.List())})
	}
	return o.out.Linef("%d identities told", len(a.List()))
}
