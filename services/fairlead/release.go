package fairlead

import (
	"context"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/exit"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newRelease(s *Session) *cobra.Command {
	var cluster, reason string
	var word *event.WorkloadReleased
	o := &act{Session: s}
	o.read = func(args []string) error {
		id, err := o.workloadID(args[0])
		if err != nil {
			return err
		}
		if cluster == "" {
			return fmt.Errorf("which cluster? use --cluster CLUSTER")
		}
		word = &event.WorkloadReleased{Tenant: id.Tenant, Name: id.Name, Cluster: event.ClusterID(cluster), Reason: reason}
		return word.Validate()
	}
	o.do = func(ctx context.Context, f *fleet) error {
		bounded, cancel := o.bounded(ctx)
		defer cancel()
		view, _, err := f.ask.Workload(bounded, word.ID())
		if err != nil {
			return answered(err, "workload "+word.Entity())
		}
		if !view.Spec.Policy.AtMostOnce {
			return exit.Errorf(exit.Usage, "%s is not at-most-once: nothing waits for your word", word.Entity())
		}
		if _, err := f.cluster(bounded, word.Cluster); err != nil {
			return err
		}
		return o.say(ctx, f, word)
	}
	return command(spec{
		use:    "release WORKLOAD --cluster CLUSTER",
		about:  "Give your word that no instance of an at-most-once workload is left on a cluster, so that it may run elsewhere.",
		detail: "Say so only once you have made sure, such as by cutting the cluster's power: a wrong word runs it twice.",
		examples: [3]string{
			"fairlead release shop/ledger --cluster eu-1",
			"fairlead release shop/ledger --cluster eu-1 --reason 'rack is off'",
			"fairlead release ledger --tenant shop --cluster eu-1 -o json",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead explain", "fairlead clusters show", "fairlead withdraw"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.StringVar(&cluster, "cluster", "", "`CLUSTER` on which nothing is left")
		f.StringVar(&reason, "reason", "", "`TEXT` kept with the word")
	}))
}
