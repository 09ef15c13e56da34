package fairlead

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type explainOptions struct {
	*Session
	id      event.WorkloadID
	cluster string
	at      string
	record  uint64 // of at, 0 for now
	out     output.Printer
}

func newExplain(s *Session) *cobra.Command {
	o := &explainOptions{Session: s}
	return command(spec{
		use:   "explain WORKLOAD",
		about: "Say why a workload is where it is: every cluster, every check and every part of the score with its numbers.",
		examples: [3]string{
			"fairlead explain shop/web",
			"fairlead explain shop/web --not swarm-hz",
			"fairlead explain shop/web --at d_184403 -o wide",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead plan", "fairlead replay", "fairlead history", "fairlead clusters show"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.StringVar(&o.cluster, "not", "", "explain why it is not (only) on this `CLUSTER`, and what would have to change")
		f.StringVar(&o.at, "at", "", "explain from the state that this `DECISION` was made on, in place of now")
	}))
}

// Complete reads the name.
func (o *explainOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	if o.at != "" {
		if o.record, err = decisionNumber(o.at); err != nil {
			return err
		}
	}
	o.id, err = o.workloadID(args[0])
	return err
}

// Validate checks the cluster's name.
func (o *explainOptions) Validate() error {
	if o.cluster == "" {
		return nil
	}
	_, err := clusterID(o.cluster)
	return err
}

// Run asks and prints.
func (o *explainOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if o.record > 0 {
		return o.then(ctx, f)
	}
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	if o.cluster != "" {
		why, asked, err := f.ask.WhyNot(ctx, o.id, event.ClusterID(o.cluster))
		if missing, ok := errors.AsType[*query.NotFound](err); ok {
			return exit.Errorf(exit.NotFound, "%s is not known", missing.What)
		}
		if err != nil {
			return answered(err, "workload "+o.id.String())
		}
		return o.one(why, age(asked.Age.Milliseconds())+" old")
	}
	e, asked, err := f.ask.Explain(ctx, o.id)
	if err != nil {
		return answered(err, "workload "+o.id.String())
	}
	return o.all(e, age(asked.Age.Milliseconds())+" old")
}

// then explains from a state of the past.
func (o *explainOptions) then(ctx context.Context, f *fleet) error {
	past, err := o.past(ctx, f, o.record)
	if err != nil {
		return err
	}
	when := "before " + decisionID(o.record)
	e, known := past.State.Explain(o.id)
	if !known {
		return exit.Errorf(exit.NotFound, "workload %s is not known %s", o.id, when)
	}
	if o.cluster == "" {
		return o.all(e, when)
	}
	why, ok := past.State.WhyNot(o.id, event.ClusterID(o.cluster))
	if !ok {
		return exit.Errorf(exit.NotFound, "cluster %s is not known %s", o.cluster, when)
	}
	return o.one(why, when)
}

func (o *explainOptions) all(e scheduler.Explanation, when string) error {
	if o.out.Structured() {
		return o.out.Value(e)
	}
	if err := o.out.Linef("%s", explainTitle(e, when)); err != nil {
		return err
	}
	if err := o.out.Table(clusterRows(e)); err != nil {
		return err
	}
	for _, ch := range e.Fleet {
		if !ch.OK {
			continue // among the refusals
		}
		if err := o.out.Linef("✓ %s", output.Clean(ch.Message)); err != nil {
			return err
		}
	}
	for _, r := range e.Refusals {
		if err := o.out.Linef("✗ %s", output.Clean(refusal(r))); err != nil {
			return err
		}
	}
	return nil
}

func (o *explainOptions) one(why scheduler.WhyNot, when string) error {
	if o.out.Structured() {
		return o.out.Value(why)
	}
	return printWhyNot(o.out, why, when)
}

// explainTitle says which decision and which state is explained; when is the age of
// the state, or the decision it was taken before.
func explainTitle(e scheduler.Explanation, when string) string {
	title := fmt.Sprintf("%s/%s · %s %s · state %d (%s)", e.Tenant, e.Workload, decisionID(e.Decision), e.Verdict, e.State, when)
	if e.Decision > 0 {
		title += " · reproduce: fairlead replay " + decisionID(e.Decision)
	}
	if e.Changed {
		title += " · would change now"
	}
	if e.Reason != "" {
		title += " · " + output.Clean(e.Reason)
	}
	return title
}

// explainCluster prints one cluster's checks: those failed with their numbers, one
// a line, those passed in a row.
func explainCluster(p output.Printer, c scheduler.ClusterChecks) error {
	failed := failures(c)
	head := fmt.Sprintf("%s: %d of %d checks failed", c.Cluster, len(failed), len(c.Checks))
	if len(failed) == 0 {
		head = fmt.Sprintf("%s: all %d checks passed, %d fit, holds %d, would get %d, score %s%s",
			c.Cluster, len(c.Checks), c.Fits, c.Held, c.Replicas, score(c.Score), parts(c.Parts))
	}
	if err := p.Linef("%s", head); err != nil {
		return err
	}
	var passed []string
	for _, check := range c.Checks {
		if check.OK {
			passed = append(passed, p.Paint("✓")+" "+check.Name)
			continue
		}
		if err := p.Linef("  %s %s", p.Paint("✗"), output.Clean(checkText(check))); err != nil {
			return err
		}
	}
	if len(passed) == 0 {
		return nil
	}
	return p.Linef("  %s", strings.Join(passed, "  "))
}
