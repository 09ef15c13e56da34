package fairlead

import (
	"context"
	"fmt"
	"strconv"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type getOptions struct {
	*Session
	ids   []event.WorkloadID
	phase string
	out   output.Printer
}

func newGet(s *Session) *cobra.Command {
	o := &getOptions{Session: s}
	return command(spec{
		use:   "get [workloads | WORKLOAD...]",
		about: "Show workloads: what is wanted, where it was placed and how much of it is ready.",
		examples: [3]string{
			"fairlead get",
			"fairlead get --tenant shop --phase held -o wide",
			"fairlead get shop/web -o json",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead describe", "fairlead explain", "fairlead clusters ls"},
		server: true,
		args:   cobra.ArbitraryArgs,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.StringVar(&o.phase, "phase", "", "only workloads in this `PHASE`: "+phaseList)
	}))
}

const phaseList = "pending, held, refused, progressing, ready, completed or withdrawing"

// Complete reads the names; none, or the word workloads, means all.
func (o *getOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	if len(args) == 1 && args[0] == "workloads" {
		return nil
	}
	for _, arg := range args {
		id, err := o.workloadID(arg)
		if err != nil {
			return err
		}
		o.ids = append(o.ids, id)
	}
	return nil
}

// Validate checks the phase and the tenant.
func (o *getOptions) Validate() error {
	switch scheduler.Phase(o.phase) {
	case "", scheduler.PhasePending, scheduler.PhaseHeld, scheduler.PhaseRefused, scheduler.PhaseProgressing,
		scheduler.PhaseReady, scheduler.PhaseCompleted, scheduler.PhaseWithdrawing:
	default:
		return fmt.Errorf("--phase %q: want %s", o.phase, phaseList)
	}
	if t := o.tenantName(); t != "" {
		return event.CheckName(t)
	}
	return nil
}

// Run asks and prints.
func (o *getOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	views, err := o.views(ctx, f)
	if err != nil {
		return err
	}
	if o.phase != "" {
		views = inPhase(views, scheduler.Phase(o.phase))
	}
	return o.print(views)
}

func (o *getOptions) views(ctx context.Context, f *fleet) ([]scheduler.WorkloadView, error) {
	if len(o.ids) == 0 {
		views, _, err := f.ask.Workloads(ctx, event.Tenant(o.tenantName()))
		return views, answered(err, "workloads")
	}
	var views []scheduler.WorkloadView
	for _, id := range o.ids {
		view, _, err := f.ask.Workload(ctx, id)
		if err != nil {
			return nil, answered(err, "workload "+id.String())
		}
		views = append(views, view)
	}
	return views, nil
}

func inPhase(views []scheduler.WorkloadView, p scheduler.Phase) []scheduler.WorkloadView {
	kept := []scheduler.WorkloadView{}
	for _, v := range views {
		if v.Phase == p {
			kept = append(kept, v)
		}
	}
	return kept
}

func (o *getOptions) print(views []scheduler.WorkloadView) error {
	if o.out.Structured() {
		if len(o.ids) == 1 && len(views) == 1 {
			return o.out.Value(views[0])
		}
		if views == nil {
			views = []scheduler.WorkloadView{}
		}
		return o.out.Value(views)
	}
	if len(views) == 0 {
		return o.talk().Linef("no workloads")
	}
	return o.out.Table(workloadRows(views))
}

func workloadRows(views []scheduler.WorkloadView) output.Rows {
	rows := output.Rows{Columns: []output.Column{
		{Name: "workload"}, {Name: "kind"}, {Name: "phase"}, {Name: "ready", Right: true}, {Name: "clusters"},
		{Name: "each", Wide: true}, {Name: "generation", Wide: true, Right: true}, {Name: "decision", Wide: true, Right: true}, {Name: "why"},
	}}
	for _, v := range views {
		ready, wanted := counts(v)
		rows.Add(v.Spec.ID().String(), string(v.Spec.Kind), string(v.Phase), fmt.Sprintf("%d/%d", ready, wanted),
			where(v), resources(v.Spec.Template.Resources), strconv.FormatUint(v.Generation, 10), decisionID(v.Decision), why(v))
	}
	return rows
}

// counts gives the ready (or, for a job, succeeded) and wanted replicas.
func counts(v scheduler.WorkloadView) (ready, wanted int) {
	for _, a := range v.Assignments {
		ready += a.Ready
		if v.Spec.Kind == event.KindJob {
			ready += a.Succeeded
		}
	}
	return ready, v.Spec.Replicas
}

// where says where the replicas are: "eu-1 8, us-2 4".
func where(v scheduler.WorkloadView) string {
	text := ""
	for i, a := range v.Assignments {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", a.Cluster, a.Replicas)
		if a.Leaving > 0 {
			text += fmt.Sprintf(" (%d leaving)", a.Leaving)
		}
	}
	return dash(text)
}

// why gives the first reason for which a workload is not ready.
func why(v scheduler.WorkloadView) string {
	if len(v.Refusals) > 0 {
		return refusal(v.Refusals[0])
	}
	for _, a := range v.Assignments {
		for _, r := range a.Reasons {
			return fmt.Sprintf("%s: %d %s", a.Cluster, r.Count, r.Reason)
		}
	}
	return ""
}

// refusal is one failed check in words.
func refusal(r event.Refusal) string {
	if r.Nearest == "" {
		return r.Message
	}
	return fmt.Sprintf("%s fails on %d (nearest %s: %s)", r.Check, r.Clusters, r.Nearest, r.Message)
}

// resources writes what one replica asks for.
func resources(r event.Resources) string {
	text := ""
	add := func(s string) {
		if text != "" {
			text += ", "
		}
		text += s
	}
	if r.CPUMilli > 0 {
		add(quantity.Cores(r.CPUMilli) + " cpu")
	}
	if r.MemoryBytes > 0 {
		add(quantity.Memory(r.MemoryBytes))
	}
	if r.GPUMilli > 0 {
		add(quantity.Cores(r.GPUMilli) + " gpu")
	}
	for _, name := range sortedKeys(r.Extended) {
		add(fmt.Sprintf("%d %s", r.Extended[name], name))
	}
	return dash(text)
}

func decisionID(seq uint64) string {
	if seq == 0 {
		return "–"
	}
	return "d_" + strconv.FormatUint(seq, 10)
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
