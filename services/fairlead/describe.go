package fairlead

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
)

type describeOptions struct {
	*Session
	id  event.WorkloadID
	out output.Printer
}

func newDescribe(s *Session) *cobra.Command {
	o := &describeOptions{Session: s}
	return command(spec{
		use:   "describe WORKLOAD",
		about: "Show all that is known of one workload: its wish, its decision and each cluster's word.",
		examples: [3]string{
			"fairlead describe shop/web",
			"fairlead describe web --tenant shop",
			"fairlead describe shop/web -o yaml",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead get", "fairlead explain", "fairlead tail --tenant"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o)
}

// Complete reads the name.
func (o *describeOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.id, err = o.workloadID(args[0])
	return err
}

// Validate has nothing to refuse.
func (o *describeOptions) Validate() error { return nil }

// Run asks and prints.
func (o *describeOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	view, _, err := f.ask.Workload(ctx, o.id)
	if err != nil {
		return answered(err, "workload "+o.id.String())
	}
	if o.out.Structured() {
		return o.out.Value(view)
	}
	return describe(o.out, view)
}

// describe prints one workload for people.
func describe(p output.Printer, v scheduler.WorkloadView) error {
	ready, wanted := counts(v)
	s := v.Spec
	facts := [][2]string{
		{"Workload", s.ID().String()},
		{"Kind", string(s.Kind)},
		{"Phase", p.Paint(string(v.Phase))},
		{"Replicas", fmt.Sprintf("%d of %d ready", ready, wanted)},
		{"Each", resources(s.Template.Resources)},
		{"Image", dash(s.Template.Image)},
		{"Policy", policy(s.Policy)},
		{"Labels", dash(pairs(s.Labels))},
		{"Generation", strconv.FormatUint(v.Generation, 10)},
		{"Decision", strings.TrimSpace(decisionID(v.Decision) + " " + string(v.Verdict))},
	}
	for _, f := range facts {
		value := f[1]
		if f[0] != "Phase" {
			value = output.Clean(value)
		}
		if err := p.Linef("%-11s %s", f[0]+":", value); err != nil {
			return err
		}
	}
	if err := describeClusters(p, v); err != nil {
		return err
	}
	for _, r := range v.Refusals {
		if err := p.Linef("✗ %s", output.Clean(refusal(r))); err != nil {
			return err
		}
	}
	return nil
}

func describeClusters(p output.Printer, v scheduler.WorkloadView) error {
	if len(v.Assignments) == 0 {
		return nil
	}
	rows := output.Rows{Columns: []output.Column{
		{Name: "cluster"}, {Name: "replicas", Right: true}, {Name: "ready", Right: true}, {Name: "command", Right: true},
		{Name: "confirmed"}, {Name: "score", Right: true}, {Name: "reasons"},
	}}
	for _, a := range v.Assignments {
		confirmed := "no"
		if a.Confirmed {
			confirmed = "yes"
		}
		rows.Add(string(a.Cluster), strconv.Itoa(a.Replicas), strconv.Itoa(a.Ready+a.Succeeded), strconv.FormatUint(a.Command, 10),
			confirmed, score(a.Score), reasons(a.Reasons))
	}
	if err := p.Linef(""); err != nil {
		return err
	}
	return p.Table(rows)
}

func reasons(all []event.Reason) string {
	parts := make([]string, len(all))
	for i, r := range all {
		parts[i] = fmt.Sprintf("%d %s", r.Count, r.Reason)
		if r.Message != "" {
			parts[i] += " (" + r.Message + ")"
		}
	}
	return strings.Join(parts, "; ")
}

// policy writes a policy in one line, leaving out what is not set.
func policy(p event.Policy) string {
	strategy := p.Strategy
	if strategy == "" {
		strategy = event.StrategySpread
	}
	parts := []string{string(strategy)}
	list := func(name string, values []string) {
		if len(values) > 0 {
			parts = append(parts, name+" "+strings.Join(values, " or "))
		}
	}
	list("region", p.Regions)
	list("residency", p.Residency)
	list("orchestrator", p.Orchestrators)
	for _, r := range p.Clusters {
		parts = append(parts, requirement(r))
	}
	for _, r := range p.Nodes {
		parts = append(parts, "node "+requirement(r))
	}
	limit := func(format string, n int) {
		if n != 0 {
			parts = append(parts, fmt.Sprintf(format, n))
		}
	}
	limit("at most %d per cluster", p.MaxPerCluster)
	limit("at most %d clusters", p.MaxClusters)
	limit("priority %d", p.Priority)
	if p.MaxPrice > 0 {
		parts = append(parts, "at most "+quantity.Money(p.MaxPrice)+" per replica and hour")
	}
	if len(p.Prefer) > 0 {
		words := make([]string, len(p.Prefer))
		for i, one := range p.Prefer {
			words[i] = fmt.Sprintf("%s×%d", one.Score, one.Weight)
		}
		parts = append(parts, "prefer "+strings.Join(words, " + "))
	}
	if p.AtMostOnce {
		parts = append(parts, "at most once")
	}
	return strings.Join(parts, ", ")
}

func requirement(r event.Requirement) string {
	values := strings.Join(r.Values, " or ")
	switch r.Operator {
	case event.OperatorIn:
		return r.Key + " " + values
	case event.OperatorNotIn:
		return r.Key + " not " + values
	case event.OperatorExists:
		return "has " + r.Key
	case event.OperatorDoesNotExist:
		return "no " + r.Key
	case event.OperatorGt:
		return r.Key + " > " + values
	case event.OperatorLt:
		return r.Key + " < " + values
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Key, r.Operator, values))
}

func pairs(m map[string]string) string {
	parts := make([]string, 0, len(m))
	for _, k := range sortedKeys(m) {
		parts = append(parts, k+"="+m[k])
	}
	return strings.Join(parts, " ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// score writes millionths as a number from 0 to 100.
func score(millionths int64) string {
	if millionths == 0 {
		return "–"
	}
	sign := ""
	if millionths < 0 {
		sign, millionths = "-", -millionths
	}
	return fmt.Sprintf("%s%d.%d", sign, millionths/10_000, millionths/1000%10)
}
