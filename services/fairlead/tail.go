package fairlead

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/logtail"
	"fairlead.dev/services/fairlead/output"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type tailOptions struct {
	*Session
	filter  logtail.Filter
	cluster string
	streams []string
	since   time.Duration
	end     bool
	out     output.Printer
}

func newTail(s *Session) *cobra.Command {
	o := &tailOptions{Session: s}
	return command(spec{
		use:    "tail [PATTERN]",
		about:  "Follow the events of the log as they are stored, gaps shown; PATTERN is of types, as placement.*.",
		detail: "Ticks, one a second, are shown only if PATTERN or --type asks for them.",
		examples: [3]string{
			"fairlead tail",
			"fairlead tail 'placement.*' --since 5m --tenant shop",
			"fairlead tail --cluster eu-1 --no-follow --since 1h -o json | jq .type",
		},
		exits:  with(exit.Interrupted),
		see:    []string{"fairlead describe", "fairlead deadletters ls", "fairlead schema", "nats sub 'fairlead.>'"},
		server: true,
		args:   cobra.MaximumNArgs(1),
	}, o,
		flags("Which", func(f *pflag.FlagSet) {
			f.StringVar(&o.cluster, "cluster", "", "events about this `CLUSTER`, decisions that name it included")
			f.StringVarP(&o.tenant, "tenant", "t", "", "events about the workloads of this `TENANT`")
			f.StringSliceVar(&o.filter.Types, "type", nil, "events of this `TYPE`; repeatable")
			f.StringSliceVar(&o.streams, "stream", nil, "only this `STREAM`: intents, status, capacity or placements; repeatable")
		}),
		flags("When", func(f *pflag.FlagSet) {
			f.DurationVar(&o.since, "since", time.Minute, "begin this `DURATION` ago; 0 begins now")
			f.BoolVar(&o.end, "no-follow", false, "end with what is stored now")
		}))
}

// Complete fills the filter. Only an explicit --tenant narrows it: a default for
// new workloads must not hide events.
func (o *tailOptions) Complete(args []string) (err error) {
	if len(args) > 0 {
		o.filter.Pattern = args[0]
	}
	for _, s := range o.streams {
		o.filter.Streams = append(o.filter.Streams, event.Stream(strings.ToUpper(s)))
	}
	o.filter.Cluster, o.filter.Tenant = event.ClusterID(o.cluster), event.Tenant(o.tenant)
	o.out, err = o.printer()
	return err
}

// Validate refuses what can match nothing.
func (o *tailOptions) Validate() error {
	if o.since < 0 {
		return fmt.Errorf("--since %s: want a time in the past", o.since)
	}
	return o.filter.Validate()
}

// Run follows.
func (o *tailOptions) Run(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	c := logtail.Config{Log: log, Filter: o.filter, Follow: !o.end, Show: o.show}
	if o.since > 0 {
		stored, err := f.storedAt()
		if err != nil {
			return err
		}
		c.From = logtail.Since(time.Now().Add(-o.since), log, stored)
	}
	return logtail.Run(ctx, c)
}

// storedAt gives the time at which a record was stored. Records may be missing in
// the middle of a stream, so it takes the next that is there.
func (f *fleet) storedAt() (func(context.Context, event.Stream, uint64) (time.Time, error), error) {
	js, err := jetstream.NewWithAPIPrefix(f.nc, cmp.Or(f.id.API, jetstream.DefaultAPIPrefix))
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	return func(ctx context.Context, s event.Stream, seq uint64) (time.Time, error) {
		st, err := js.Stream(ctx, string(s))
		if err != nil {
			return time.Time{}, fmt.Errorf("open %s: %w", s, err)
		}
		m, err := st.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(">"))
		if err != nil {
			return time.Time{}, fmt.Errorf("read %s at %d: %w", s, seq, err)
		}
		return m.Time, nil
	}, nil
}

// show prints one item.
func (o *tailOptions) show(i logtail.Item) error {
	if o.out.Structured() {
		return o.out.Item(tailItem(i))
	}
	return o.out.Linef("%s", tailLine(i, o.out.Format == output.Wide))
}

// tailItem gives what a stream format prints: the event, or an object with the one
// member gap or unreadable.
func tailItem(i logtail.Item) any {
	switch {
	case i.Gap != nil:
		return map[string]any{"gap": map[string]any{"stream": i.Gap.Stream, "from": i.Gap.From, "to": i.Gap.To}}
	case i.Invalid != nil:
		return map[string]any{"unreadable": map[string]any{"stream": i.Invalid.At.Stream, "sequence": i.Invalid.At.Sequence,
			"reason": i.Invalid.Reason, "detail": i.Invalid.Detail}}
	}
	return asJSON(*i.Event)
}

// tailLine gives one line for people.
func tailLine(i logtail.Item, wide bool) string {
	switch {
	case i.Gap != nil:
		return gapLine(i.Gap)
	case i.Invalid != nil:
		return fmt.Sprintf("── %s %d cannot be read: %s: %s ──", i.Invalid.At.Stream, i.Invalid.At.Sequence, i.Invalid.Reason, output.Clean(i.Invalid.Detail))
	}
	e := *i.Event
	row, _ := event.Lookup(e.Type())
	line := fmt.Sprintf("%s  %-14s %-26s %s", e.At.Stored.Local().Format("15:04:05.000"), dash(e.Data.ScopeName()), row.Name, output.Clean(summary(e.Data)))
	if wide {
		line += fmt.Sprintf("  [%s %d, id %s, source %s]", e.At.Stream, e.At.Sequence, output.Clean(e.ID), output.Clean(e.Source))
	}
	return line
}

func gapLine(g *stream.Gap) string {
	return fmt.Sprintf("── gap: %s %d–%d expired by retention ──", g.Stream, g.From, g.To)
}
