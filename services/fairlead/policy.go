package fairlead

import (
	"context"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"fairlead.dev/services/fairlead/workfile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newPolicy(s *Session) *cobra.Command {
	return parent("policy", "Set how the fleet is run: preferences, pools, priorities, failover, maintenance, links.", newPolicySet(s), newPolicyShow(s))
}

func newPolicySet(s *Session) *cobra.Command {
	var file, reason string
	var policy *event.PolicySet
	o := &act{Session: s}
	o.read = func([]string) (err error) {
		if file == "" {
			return exit.Errorf(exit.Usage, "no file given: use -f FILE, or -f - for stdin")
		}
		if policy, err = workfile.ReadPolicy(file, s.In); err == nil && reason != "" {
			policy.Reason = reason
		}
		return err
	}
	o.do = func(ctx context.Context, f *fleet) error { return o.say(ctx, f, policy) }
	return command(spec{
		use:    "set -f FILE",
		about:  "Set the fleet's policy; it replaces the one before as a whole.",
		detail: "Money, dates and times are written as people do. `fairlead schema policy` says what may stand in it; {} means the defaults.",
		examples: [3]string{
			"fairlead policy show > policy.yaml",
			"fairlead policy set -f policy.yaml --reason 'cheaper at night'",
			"cat policy.yaml | fairlead policy set -f -",
		},
		exits:  connected,
		see:    []string{"fairlead policy show", "fairlead simulate --policy", "fairlead schema policy"},
		server: true,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.StringVarP(&file, "file", "f", "", "`FILE` with the policy, - for stdin")
		f.StringVar(&reason, "reason", "", "`TEXT` kept with the policy")
	}))
}

func newPolicyShow(s *Session) *cobra.Command {
	o := &act{Session: s}
	o.do = func(ctx context.Context, f *fleet) error {
		ctx, cancel := o.bounded(ctx)
		defer cancel()
		policy, _, err := f.ask.Policy(ctx)
		if err != nil {
			return answered(err, "the policy")
		}
		return showPolicy(o.out, policy)
	}
	return command(spec{
		use:    "show",
		about:  "Show the fleet's policy as YAML that can be changed and set again.",
		detail: "Without one the defaults count, and {} is printed.",
		examples: [3]string{
			"fairlead policy show",
			"fairlead policy show -o json | jq .prefer",
			"fairlead policy show > policy.yaml",
		},
		exits:  connected,
		see:    []string{"fairlead policy set", "fairlead quota ls", "fairlead price ls"},
		server: true,
	}, o)
}

func showPolicy(p output.Printer, policy *event.PolicySet) error {
	if policy == nil {
		policy = &event.PolicySet{}
	}
	doc, err := workfile.WritePolicy(policy)
	if err != nil {
		return err
	}
	if !p.Structured() {
		p.Format = output.YAML
	}
	return p.Value(doc)
}
