package fairlead

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
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
	out     output.Printer
}

func newExplain(s *Session) *cobra.Command {
	o := &explainOptions{Session: s}
	return command(spec{
		use:   "explain WORKLOAD",
		about: "Say why a workload is where it is: every cluster and every check with its numbers.",
		examples: [3]string{
			"fairlead explain shop/web",
			"fairlead explain shop/web --not swarm-hz",
			"fairlead explain shop/web -o json",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead plan", "fairlead describe", "fairlead clusters show"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.StringVar(&o.cluster, "not", "", "explain why it is not (only) on this `CLUSTER`, check by check")
	}))
}

// Complete reads the name.
func (o *explainOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
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
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	e, asked, err := f.ask.Explain(ctx, o.id)
	if err != nil {
		return answered(err, "workload "+o.id.String())
	}
	if o.cluster == "" {
		return o.all(e, asked.Age.Milliseconds())
	}
	i := slices.IndexFunc(e.Clusters, func(c scheduler.ClusterChecks) bool { return string(c.Cluster) == o.cluster })
	if i < 0 {
		return exit.Errorf(exit.NotFound, "cluster %s is not known", o.cluster)
	}
	return o.one(e, e.Clusters[i], asked.Age.Milliseconds())
}

func (o *explainOptions) all(e scheduler.Explanation, millis int64) error {
	if o.out.Structured() {
		return o.out.Value(e)
	}
	if err := o.out.Linef("%s", explainTitle(e, millis)); err != nil {
		return err
	}
	if err := o.out.Table(clusterRows(e.Clusters)); err != nil {
		return err
	}
	for _, r := range e.Refusals {
		if err := o.out.Linef("✗ %s", output.Clean(refusal(r))); err != nil {
			return err
		}
	}
	return nil
}

func (o *explainOptions) one(e scheduler.Explanation, c scheduler.ClusterChecks, millis int64) error {
	if o.out.Structured() {
		return o.out.Value(c)
	}
	if err := o.out.Linef("%s", explainTitle(e, millis)); err != nil {
		return err
	}
	return explainCluster(o.out, c)
}

func explainTitle(e scheduler.Explanation, millis int64) string {
	title := fmt.Sprintf("%s/%s · %s %s · state %d (%s old)", e.Tenant, e.Workload, decisionID(e.Decision), e.Verdict, e.State, age(millis))
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
		head = fmt.Sprintf("%s: all %d checks passed, %d fit, holds %d, would get %d, score %s",
			c.Cluster, len(c.Checks), c.Fits, c.Held, c.Replicas, score(c.Score))
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
