package fairlead

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"fairlead.dev/services/placement"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

type replayOptions struct {
	*Session
	sequence uint64
	out      output.Printer
}

func newReplay(s *Session) *cobra.Command {
	o := &replayOptions{Session: s}
	return command(spec{
		use:   "replay DECISION",
		about: "Decide again from the recorded positions, and compare with the record to the byte.",
		detail: "The log is folded here, from the nearest checkpoint; the placement service is not asked.\n" +
			"1: other bytes came out. 6: no such decision, or retention removed what it was made from. 8: another engine decided it.",
		examples: [3]string{
			"fairlead replay d_184403",
			"fairlead replay 184403 -o json | jq .same",
			"fairlead explain shop/web --at d_184403",
		},
		exits:  with(exit.NotFound, exit.Partial),
		see:    []string{"fairlead explain --at", "fairlead history", "fairlead simulate"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o)
}

// Complete reads the number.
func (o *replayOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.sequence, err = decisionNumber(args[0])
	return err
}

// Validate has nothing to refuse.
func (o *replayOptions) Validate() error { return nil }

// replayed is the result for programs.
type replayed struct {
	Decision  string          `json:"decision"`
	Workload  string          `json:"workload"`
	Verdict   event.Verdict   `json:"verdict"`
	Same      bool            `json:"same"`
	Engine    string          `json:"engine"`  // that decided then
	Program   string          `json:"program"` // engine of this program
	From      uint64          `json:"from"`    // checkpoint that the fold began with, 0 for the beginning of the log
	Positions event.Positions `json:"positions"`
	Recorded  json.RawMessage `json:"recorded"`
	Decided   json.RawMessage `json:"decided,omitempty"`
}

// Run folds, decides and compares.
func (o *replayOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	past, err := o.past(ctx, f, o.sequence)
	if err != nil {
		return err
	}
	d, ok := past.Event.Data.(*event.PlacementDecided)
	if !ok {
		row, _ := event.Lookup(past.Event.Type())
		return exit.Errorf(exit.NotFound, "record %d is a %s, not a decision", o.sequence, row.Name)
	}
	again, err := past.Replay()
	if err != nil {
		return fmt.Errorf("replay %s: %w", decisionID(o.sequence), err)
	}
	r := replayed{
		Decision: decisionID(o.sequence), Workload: d.ID().String(), Verdict: d.Verdict, Same: again.Same, Engine: again.Engine,
		Program: scheduler.Engine, From: past.From, Positions: d.Positions, Recorded: again.Recorded, Decided: again.Decided,
	}
	if o.out.Structured() {
		err = o.out.Value(r)
	} else {
		err = printReplay(o.out, r)
	}
	return errors.Join(err, replayOutcome(again))
}

// replayOutcome gives the exit code.
func replayOutcome(r placement.Replayed) error {
	switch {
	case r.Same:
		return nil
	case !r.SameEngine():
		return exit.Quietly(exit.Partial)
	}
	return exit.Quietly(exit.Failure)
}

func printReplay(p output.Printer, r replayed) error {
	from := "the beginning of the log"
	if r.From > 0 {
		from = fmt.Sprintf("the checkpoint at %d", r.From)
	}
	if err := p.Linef("%s · %s %s · engine %s · folded from %s, intents %d, status %d, capacity %d", r.Decision, r.Workload, r.Verdict,
		output.Clean(r.Engine), from, r.Positions.Intents, r.Positions.Status, r.Positions.Capacity); err != nil {
		return err
	}
	switch {
	case r.Same:
		return p.Linef("identical: the same %d bytes", len(r.Recorded))
	case r.Engine != r.Program:
		return p.Linef("not comparable: engine %s decided it, this program is engine %s", output.Clean(r.Engine), r.Program)
	case len(r.Decided) == 0:
		return p.Linef("differs: from that state nothing would be decided")
	}
	if err := p.Linef("differs:"); err != nil {
		return err
	}
	text := diff.Diff("recorded", indented(r.Recorded), "decided again", indented(r.Decided))
	for line := range bytes.Lines(text) {
		if err := p.Linef("%s", output.Clean(string(bytes.TrimSuffix(line, []byte("\n"))))); err != nil {
			return err
		}
	}
	return nil
}

// indented is JSON with a member a line, for a comparison by lines.
func indented(raw json.RawMessage) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return raw // not JSON: compared as it is
	}
	return append(b.Bytes(), '\n')
}
