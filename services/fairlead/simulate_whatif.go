package fairlead

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/output"
	"fairlead.dev/services/fairlead/simulate"
	"fairlead.dev/services/placement"
)

// fromLive folds the log here, goes on from there and prints what would change.
func (o *simulateOptions) fromLive(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	state, err := o.liveState(ctx, f)
	if err != nil {
		return err
	}
	before, from := state.Workloads(), state.Position()
	sum, err := simulate.From(ctx, state, time.Now(), o.what, o.then)
	if err != nil {
		return simulated(err)
	}
	title := fmt.Sprintf("From state %d: %s", from, o.question())
	return o.printDifference(title, simulate.Compare(before, sum.Workloads, o.what.Lose...), currencyOf(state))
}

func (o *simulateOptions) liveState(ctx context.Context, f *fleet) (*scheduler.State, error) {
	if o.record > 0 {
		past, err := o.past(ctx, f, o.record)
		if err != nil {
			return nil, err
		}
		return past.State, nil
	}
	log, err := f.log(ctx)
	if err != nil {
		return nil, err
	}
	return placement.Latest(ctx, log, scheduler.DefaultConfig())
}

// difference runs the input as it was and as it is asked for, and compares.
func (o *simulateOptions) difference(ctx context.Context) error {
	in, name, err := o.open()
	if err != nil {
		return err
	}
	defer in.Close()
	events, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	nobody := func(event.Event) error { return nil }
	was, err := simulate.Run(ctx, simulate.Config{File: name, In: bytes.NewReader(events), Then: o.then, Emit: nobody})
	if err != nil {
		return simulated(err)
	}
	would, err := simulate.Run(ctx, simulate.Config{File: name, In: bytes.NewReader(events), Then: o.then, Emit: nobody, WhatIf: o.what})
	if err != nil {
		return simulated(err)
	}
	o.gaps(name, would)
	return o.printDifference(fmt.Sprintf("%d events: %s", would.Events, o.question()), simulate.Compare(was.Workloads, would.Workloads, o.what.Lose...), "")
}

// question repeats what was asked.
func (o *simulateOptions) question() string {
	var words []string
	for _, l := range o.what.Lose {
		at := ""
		if l.At > 0 {
			at = fmt.Sprintf(" after event %d", l.At)
		}
		words = append(words, fmt.Sprintf("%s lost%s", l.Cluster, at))
	}
	if o.what.Policy != nil {
		words = append(words, "policy of "+o.policy)
	}
	return strings.Join(words, ", ")
}

func (o *simulateOptions) printDifference(title string, d simulate.Difference, currency string) error {
	if o.out.Structured() {
		return o.out.Value(d)
	}
	return printDifference(o.out, title, d, currency)
}

func printDifference(p output.Printer, title string, d simulate.Difference, currency string) error {
	if err := p.Linef("%s", output.Clean(title)); err != nil {
		return err
	}
	if len(d.Changes) > 0 {
		if err := p.Table(differenceRows(d, currency)); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%d of %d workloads change: %d replicas move, %d lose their place", len(d.Changes), d.Workloads, d.Moved, d.Held)
	if d.Placed > 0 {
		text += fmt.Sprintf(", %d find one", d.Placed)
	}
	if d.Price != 0 {
		text += fmt.Sprintf("; %s %s", signed(d.Price), perHourOf(currency))
	}
	return p.Linef("%s.", text)
}

func differenceRows(d simulate.Difference, currency string) output.Rows {
	rows := output.Rows{Columns: []output.Column{
		{Name: "workload"}, {Name: "before"}, {Name: "after"}, {Name: "outcome"}, {Name: perHour(currency), Right: true, Wide: d.Price == 0}, {Name: "why"},
	}}
	for _, c := range d.Changes {
		price := "–"
		if c.Price != 0 {
			price = signed(c.Price)
		}
		rows.Add(c.Workload, placesOf(c.Before), placesOf(c.After), outcomeOf(c), price, c.Why)
	}
	return rows
}

func placesOf(all []simulate.Where) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = fmt.Sprintf("%s %d", w.Cluster, w.Replicas)
	}
	return dash(strings.Join(words, ", "))
}

func outcomeOf(c simulate.Change) string {
	var words []string
	for _, part := range []struct {
		n    int
		word string
	}{{c.Moved, "moved"}, {c.Held, "held"}, {c.Placed, "placed"}} {
		if part.n > 0 {
			words = append(words, fmt.Sprintf("%s %d", part.word, part.n))
		}
	}
	return dash(strings.Join(words, ", "))
}

// currencyOf is what prices are written in, where all agree.
func currencyOf(s *scheduler.State) string {
	found := ""
	for _, v := range s.PriceViews() {
		switch {
		case v.Currency == "" || v.Currency == found:
		case found != "":
			return ""
		default:
			found = v.Currency
		}
	}
	return found
}
