package fairlead

import (
	"context"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/logtail"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type historyOptions struct {
	*Session
	id    event.WorkloadID
	since time.Duration
	shown int
	rows  output.Rows
	out   output.Printer
}

func newHistory(s *Session) *cobra.Command {
	o := &historyOptions{Session: s}
	return command(spec{
		use:    "history WORKLOAD",
		about:  "Tell a workload's story from the log: what was wanted, what was decided, where and why.",
		detail: "What retention took away is told as a gap.",
		examples: [3]string{
			"fairlead history shop/web",
			"fairlead history shop/web --since 168h",
			"fairlead history shop/web -o json | jq .data.verdict",
		},
		exits:  with(exit.NotFound, exit.Interrupted),
		see:    []string{"fairlead explain --at", "fairlead replay", "fairlead tail --tenant"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.DurationVar(&o.since, "since", 24*time.Hour, "begin this `DURATION` ago; 0 begins with the log")
	}))
}

// Complete reads the name.
func (o *historyOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.id, err = o.workloadID(args[0])
	return err
}

// Validate refuses times to come.
func (o *historyOptions) Validate() error {
	if o.since < 0 {
		return fmt.Errorf("--since %s: want a time in the past", o.since)
	}
	return nil
}

// Run reads the log to its end.
func (o *historyOptions) Run(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	c := logtail.Config{Log: log, Filter: logtail.Filter{Types: historyTypes, Tenant: o.id.Tenant}, Show: o.show}
	c.From = func(context.Context, event.Stream) (uint64, error) { return 1, nil }
	if o.since > 0 {
		stored, err := f.storedAt()
		if err != nil {
			return err
		}
		c.From = logtail.Since(time.Now().Add(-o.since), log, stored)
	}
	o.rows = output.Rows{Columns: []output.Column{
		{Name: "time"}, {Name: "what"}, {Name: "outcome"}, {Name: "where"}, {Name: "cause"}, {Name: "price/h", Right: true, Wide: true}, {Name: "why"},
	}}
	if err := logtail.Run(ctx, c); err != nil {
		return err
	}
	if o.shown == 0 {
		return exit.Errorf(exit.NotFound, "nothing about %s since %s; --since 0 begins with the log", o.id, o.since)
	}
	if o.out.Structured() {
		return nil
	}
	return o.out.Table(o.rows)
}

// historyTypes are the events that make a workload's story.
var historyTypes = []string{"workload.submitted", "workload.withdrawn", "workload.released", "placement.decided"}

// show adds a row, or prints an item at once for programs.
func (o *historyOptions) show(i logtail.Item) error {
	if i.Event == nil {
		if i.Gap == nil {
			return nil // a dead letter is nobody's story
		}
		if o.out.Structured() {
			return o.out.Item(tailItem(i))
		}
		return o.talk().Linef("%s", gapLine(i.Gap))
	}
	e := *i.Event
	if about, ok := e.Data.(interface{ ID() event.WorkloadID }); !ok || about.ID() != o.id {
		return nil
	}
	o.shown++
	if o.out.Structured() {
		return o.out.Item(asJSON(e))
	}
	o.rows.Add(historyRow(e)...)
	return nil
}

func historyRow(e event.Event) []string {
	at := e.At.Stored.Local().Format("2006-01-02 15:04:05")
	switch d := e.Data.(type) {
	case *event.WorkloadSubmitted:
		planned := ""
		if d.Plan != nil {
			planned = "plan"
		}
		return []string{at, fmt.Sprintf("generation %d", e.At.Sequence), "submitted", fmt.Sprintf("%d × (%s)", d.Replicas, resources(d.Template.Resources)), planned, "", d.Template.Image}
	case *event.WorkloadWithdrawn:
		return []string{at, fmt.Sprintf("wish %d", e.At.Sequence), "withdrawn", "", "", "", d.Reason}
	case *event.WorkloadReleased:
		return []string{at, fmt.Sprintf("word %d", e.At.Sequence), "released", string(d.Cluster), "", "", d.Reason}
	case *event.PlacementDecided:
		return []string{at, decisionID(e.At.Sequence), string(d.Verdict), decidedWhere(d), string(d.Cause), money(d.Price), decidedWhy(d)}
	}
	return []string{at, "", "", "", "", "", ""}
}

// decidedWhere says where the replicas are to be: "eu-1 8, us-2 4 (1 leaving)".
func decidedWhere(d *event.PlacementDecided) string {
	text := ""
	for _, a := range d.Assignments {
		if a.Replicas == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", a.Cluster, a.Replicas)
		if a.Leaving > 0 {
			text += fmt.Sprintf(" (%d leaving)", a.Leaving)
		}
	}
	return dash(text)
}

func decidedWhy(d *event.PlacementDecided) string {
	if d.Reason != "" {
		return d.Reason
	}
	if len(d.Refusals) > 0 {
		return refusal(d.Refusals[0])
	}
	return ""
}
