package fairlead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/services/fairlead/authority"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type joinOptions struct {
	*Session
	id      event.ClusterID
	dir     string
	expires time.Duration
	out     output.Printer
}

func newClustersJoin(s *Session) *cobra.Command {
	o := &joinOptions{Session: s}
	return command(spec{
		use:   "join CLUSTER",
		about: "Admit a cluster: make its command channel, and issue its agent's credentials.",
		detail: "The agent may use the channel and not make it, and say what its own cluster has and does, and nothing else.\n" +
			"Without an authority the channel alone is made: a federation that is not signed, on one machine.",
		examples: [3]string{
			"fairlead clusters join eu-1 --authority ~/acme",
			"fairlead clusters join eu-1 -o json",
			"fairlead clusters join eu-1 && fairlead-agent-kubernetes --cluster eu-1",
		},
		exits:  connected,
		see:    []string{"fairlead clusters leave", "fairlead auth rotate", "fairlead auth revoke", "docs/identity.md"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		s.authorityFlag(f, &o.dir)
		f.DurationVar(&o.expires, "expires", 0, "`DURATION` after which the credentials open nothing, as 2160h; 0 for never")
	}))
}

// Complete reads the name.
func (o *joinOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.id, err = clusterID(args[0])
	return err
}

// Validate refuses credentials that would have expired.
func (o *joinOptions) Validate() error {
	if o.expires < 0 {
		return fmt.Errorf("expires %s: want a time to come", o.expires)
	}
	return nil
}

// Run makes the channel and issues credentials; joining twice changes nothing.
func (o *joinOptions) Run(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if err := log.Join(ctx, o.id); err != nil {
		return fmt.Errorf("join %s: %w", o.id, err)
	}
	if f.id.Trust != nil && o.dir == "" {
		_ = o.talk().Linef("fairlead: no credentials are issued without --authority; `fairlead auth issue agent %s` does that", o.id)
	}
	file, err := o.credentials(ctx)
	if err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(joined{o.id, true, file})
	}
	if file != "" {
		return o.out.Linef("%s  may send its agent now, with %s", o.id, file)
	}
	return o.out.Linef("%s  may send its agent now", o.id)
}

// joined is what a join prints.
type joined struct {
	Cluster     event.ClusterID `json:"cluster"`
	Joined      bool            `json:"joined"`
	Credentials string          `json:"credentials,omitempty"` // the file
}

// credentials issues those of the cluster's agent, where an authority is at hand, and
// tells the server. A cluster that has some keeps them.
func (o *joinOptions) credentials(ctx context.Context) (string, error) {
	if o.dir == "" {
		return "", nil
	}
	a, err := openAuthority(o.dir)
	if err != nil {
		return "", err
	}
	issue := authOptions{Session: o.Session, role: rights.Agent, name: string(o.id), expires: o.expires}
	c, err := a.Issue(issue.role, issue.name, issue.until())
	if errors.Is(err, authority.ErrIssued) {
		return a.CredsFile(issue.role, issue.name), issue.tell(ctx, a)
	}
	if err != nil {
		return "", fmt.Errorf("issue credentials: %w", err)
	}
	return c.File, issue.tell(ctx, a)
}
