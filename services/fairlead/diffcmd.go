package fairlead

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type diffOptions struct {
	*Session
	files
	code bool
	out  output.Printer
}

func newDiff(s *Session) *cobra.Command {
	o := &diffOptions{Session: s}
	return command(spec{
		use:   "diff -f FILE",
		about: "Show how files differ from what is wanted now, line by line, and change nothing.",
		examples: [3]string{
			"fairlead diff -f web.yaml",
			"fairlead diff -f web.yaml --exit-code && echo 'nothing to submit'",
			"fairlead diff -f apps -o json | jq '.[] | select(.differs)'",
		},
		exits:  with(exit.WouldChange),
		see:    []string{"fairlead plan", "fairlead submit", "fairlead history"},
		server: true,
		args:   cobra.ArbitraryArgs,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		o.bind(f)
		f.BoolVar(&o.code, "exit-code", false, "exit with 10 if anything differs")
	}))
}

// Complete reads the files.
func (o *diffOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	return o.read(o.Session, args)
}

// Validate has nothing to refuse.
func (o *diffOptions) Validate() error { return nil }

// difference is one workload's.
type difference struct {
	Workload string                   `json:"workload"`
	Differs  bool                     `json:"differs"`
	Now      *event.WorkloadSubmitted `json:"now,omitempty"` // absent where nothing is wanted
	File     *event.WorkloadSubmitted `json:"file"`
}

// Run compares every workload of the files.
func (o *diffOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	all, differ := []difference{}, false
	for _, d := range o.docs {
		now, err := o.wanted(ctx, f, d.Workload.ID())
		if err != nil {
			return err
		}
		one := difference{Workload: d.Workload.ID().String(), Now: now, File: d.Workload}
		one.Differs = now == nil || !same(now, d.Workload)
		differ = differ || one.Differs
		all = append(all, one)
	}
	if err := o.print(all); err != nil {
		return err
	}
	if differ && o.code {
		return exit.Quietly(exit.WouldChange)
	}
	return nil
}

// wanted is what is wanted of a workload now, nil if nothing is.
func (o *diffOptions) wanted(ctx context.Context, f *fleet, id event.WorkloadID) (*event.WorkloadSubmitted, error) {
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	view, _, err := f.ask.Workload(ctx, id)
	if errors.As(err, new(*query.NotFound)) || err == nil && view.Withdrawn {
		return nil, nil
	}
	if err != nil {
		return nil, answered(err, "workload "+id.String())
	}
	view.Spec.Plan = nil // how it came about
	return &view.Spec, nil
}

func (o *diffOptions) print(all []difference) error {
	if o.out.Structured() {
		return o.out.Value(all)
	}
	for _, d := range all {
		if err := printDiff(o.out, d); err != nil {
			return err
		}
	}
	return nil
}

func printDiff(p output.Printer, d difference) error {
	if !d.Differs {
		return p.Linef("%s  no difference", d.Workload)
	}
	now, err := yamlOf(d.Now)
	if err != nil {
		return err
	}
	file, err := yamlOf(d.File)
	if err != nil {
		return err
	}
	_, lines, _ := bytes.Cut(diff.Diff(d.Workload+" now", now, d.Workload+" in the file", file), []byte("\n"))
	for line := range bytes.Lines(lines) {
		if err := p.Linef("%s", output.Clean(string(bytes.TrimSuffix(line, []byte("\n"))))); err != nil {
			return err
		}
	}
	return nil
}

// yamlOf writes a workload with one member a line; nothing for none.
func yamlOf(w *event.WorkloadSubmitted) ([]byte, error) {
	if w == nil {
		return nil, nil
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", w.ID(), err)
	}
	text, err := yaml.JSONToYAML(raw)
	if err != nil {
		return nil, fmt.Errorf("write %s as YAML: %w", w.ID(), err)
	}
	return text, nil
}
