package fairlead

import (
	"context"
	"errors"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wish is one of the administrative wishes for a cluster.
type wish struct {
	verb, past, about string
	payload           func(c event.ClusterID, reason string) event.Payload
	examples          [3]string
	see               []string
}

var cordon = wish{
	verb: "cordon", past: "cordoned",
	about:    "Cordon a cluster: nothing new is placed there, what runs stays.",
	payload:  func(c event.ClusterID, r string) event.Payload { return &event.ClusterCordoned{Cluster: c, Reason: r} },
	examples: [3]string{"fairlead clusters cordon eu-1", "fairlead clusters cordon eu-1 --reason 'kernel update'", "fairlead clusters cordon eu-1 -o json"},
	see:      []string{"fairlead clusters uncordon", "fairlead clusters drain", "fairlead clusters ls"},
}

var uncordon = wish{
	verb: "uncordon", past: "uncordoned",
	about: "Take a cordon or a drain back: the cluster takes new work again.",
	payload: func(c event.ClusterID, r string) event.Payload {
		return &event.ClusterUncordoned{Cluster: c, Reason: r}
	},
	examples: [3]string{"fairlead clusters uncordon eu-1", "fairlead clusters uncordon eu-1 --reason 'update done'", "fairlead clusters uncordon eu-1 -o json"},
	see:      []string{"fairlead clusters cordon", "fairlead clusters drain", "fairlead clusters ls"},
}

var drain = wish{
	verb: "drain", past: "draining",
	about:    "Drain a cluster: nothing new is placed there, and what runs moves once its replacement is ready.",
	payload:  func(c event.ClusterID, r string) event.Payload { return &event.ClusterDrained{Cluster: c, Reason: r} },
	examples: [3]string{"fairlead clusters drain eu-1", "fairlead clusters drain eu-1 --reason 'end of lease'", "fairlead clusters drain eu-1 && fairlead tail --cluster eu-1"},
	see:      []string{"fairlead clusters uncordon", "fairlead get", "fairlead explain"},
}

type wishOptions struct {
	*Session
	wish   wish
	id     event.ClusterID
	reason string
	out    output.Printer
}

func newClustersWish(s *Session, w wish) *cobra.Command {
	o := &wishOptions{Session: s, wish: w}
	return command(spec{
		use:      w.verb + " CLUSTER",
		about:    w.about,
		examples: w.examples,
		exits:    with(exit.NotFound),
		see:      w.see,
		server:   true,
		args:     cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.StringVar(&o.reason, "reason", "", "`TEXT` kept with the wish")
	}))
}

// Complete reads the name.
func (o *wishOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.id, err = clusterID(args[0])
	return err
}

// Validate has nothing to refuse.
func (o *wishOptions) Validate() error { return nil }

// Run publishes the wish.
func (o *wishOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if err := o.clusterExists(ctx, f, o.id); err != nil {
		return err
	}
	log, err := f.log(ctx)
	if err != nil {
		return err
	}
	seq, err := publish(ctx, log, asOperator(log), o.wish.payload(o.id, o.reason))
	if err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(map[string]any{"cluster": o.id, "wish": o.wish.past, "position": seq})
	}
	return o.out.Linef("%s  %s at %d", o.id, o.wish.past, seq)
}

// clusterExists refuses an unknown name. When placement is away the wish is written
// down all the same: that is when an operator may need it.
func (s *Session) clusterExists(ctx context.Context, f *fleet, id event.ClusterID) error {
	bounded, cancel := s.bounded(ctx)
	defer cancel()
	_, _, err := f.ask.Clusters(bounded)
	if errors.As(err, new(*query.Unreachable)) {
		return s.talk().Linef("fairlead: the placement service does not answer; written down without asking whether %s exists", id)
	}
	_, err = f.cluster(bounded, id)
	return err
}
