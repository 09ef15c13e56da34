package fairlead

import (
	"context"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type leaveOptions struct {
	*Session
	id     event.ClusterID
	reason string
	now    bool
	out    output.Printer
}

func newClustersLeave(s *Session) *cobra.Command {
	o := &leaveOptions{Session: s}
	return command(spec{
		use:   "leave CLUSTER",
		about: "Take a cluster out of the fleet for good: drain it first, and stop its agent.",
		detail: "What still runs there counts as gone and is placed elsewhere at once; nobody stops it there.\n" +
			"Its command channel is removed: an agent that is still there stops, and comes back only after a join.",
		examples: [3]string{
			"fairlead clusters leave eu-1",
			"fairlead clusters leave eu-1 --reason 'end of lease'",
			"fairlead clusters leave eu-1 --now --reason 'the site burnt down'",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead clusters drain", "fairlead clusters join", "fairlead clusters ls"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.StringVar(&o.reason, "reason", "", "`TEXT` kept with the departure")
		f.BoolVar(&o.now, "now", false, "even while replicas run there and the agent reports")
	}))
}

// Complete reads the name.
func (o *leaveOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.id, err = clusterID(args[0])
	return err
}

// Validate has nothing to refuse.
func (o *leaveOptions) Validate() error { return nil }

// Run publishes the departure, then removes the channel: in this order a failure in
// between leaves a cluster that is out and can be taken out again.
func (o *leaveOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if err := o.allowed(ctx, f); err != nil {
		return err
	}
	return o.leave(ctx, f)
}

func (o *leaveOptions) leave(ctx context.Context, f *fleet) error {
	log, err := f.log(ctx)
	if err != nil {
		return err
	}
	seq, err := publish(ctx, log, asOperator(log), &event.ClusterLeft{Cluster: o.id, Reason: o.reason})
	if err != nil {
		return err
	}
	if err := log.Leave(ctx, o.id); err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(map[string]any{"cluster": o.id, "left": true, "position": seq})
	}
	return o.out.Linef("%s  left the fleet at %d", o.id, seq)
}

// allowed refuses a name that is neither known nor admitted, and a cluster that lives
// and still runs something. Without an answer only --now goes on: nobody can say what
// runs there.
func (o *leaveOptions) allowed(ctx context.Context, f *fleet) error {
	bounded, cancel := o.bounded(ctx)
	defer cancel()
	clusters, _, err := f.ask.Clusters(bounded)
	if errors.As(err, new(*query.Unreachable)) && o.now {
		return o.talk().Linef("fairlead: the placement service does not answer; written down without asking what runs on %s", o.id)
	}
	if err != nil {
		return answered(err, "clusters")
	}
	for _, c := range clusters {
		if c.Cluster == o.id {
			return o.judge(c)
		}
	}
	return f.admitted(bounded, o.id)
}

func (o *leaveOptions) judge(c scheduler.ClusterView) error {
	alive := c.State == scheduler.ClusterReady || c.State == scheduler.ClusterCordon || c.State == scheduler.ClusterDraining
	if alive && c.Replicas > 0 && !o.now {
		return exit.Errorf(exit.Failure, "%s still runs %d replicas of %d workloads: drain it first, or give them up there with --now",
			o.id, c.Replicas, c.Workloads)
	}
	return nil
}

// admitted is an error for a cluster without a command channel: one that joined may
// have no agent yet, and so be known to nobody else.
func (f *fleet) admitted(ctx context.Context, id event.ClusterID) error {
	js, err := jetstream.New(f.nc)
	if err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	_, err = js.Consumer(ctx, string(event.Placements), stream.Durable(id))
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return exit.Errorf(exit.NotFound, "cluster %s is not known", id)
	}
	if err != nil {
		return fmt.Errorf("look for the command channel of %s: %w", id, err)
	}
	return nil
}
