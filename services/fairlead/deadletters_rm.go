package fairlead

import (
	"context"
	"errors"
	"strconv"

	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type lettersRemoveOptions struct {
	*Session
	numbers  []uint64
	replayed bool
	reason   string
	out      output.Printer
}

func newLettersRemove(s *Session) *cobra.Command {
	o := &lettersRemoveOptions{Session: s}
	return command(spec{
		use:    "rm [NUMBER...]",
		about:  "Remove dead letters that somebody has looked at and that are of no use any more.",
		detail: "The record itself stays in its stream for as long as that keeps it.",
		examples: [3]string{
			"fairlead deadletters rm 7 8",
			"fairlead deadletters rm --replayed",
			"fairlead deadletters rm --reason unsigned -o json",
		},
		exits:  with(exit.NotFound, exit.Forbidden),
		see:    []string{"fairlead deadletters ls", "fairlead deadletters show", "fairlead doctor"},
		server: true,
		args:   cobra.ArbitraryArgs,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.BoolVar(&o.replayed, "replayed", false, "all that were replayed")
		f.StringVar(&o.reason, "reason", "", "all with this `REASON`, as ls shows it")
	}))
}

// Complete reads the numbers.
func (o *lettersRemoveOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.numbers, err = letterNumbers(args)
	return err
}

// Validate wants to be told which: one way, so that nobody removes more than was meant.
func (o *lettersRemoveOptions) Validate() error {
	ways := 0
	for _, given := range []bool{len(o.numbers) > 0, o.replayed, o.reason != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("say which: NUMBER..., --replayed or --reason REASON")
	}
	return nil
}

// Run removes.
func (o *lettersRemoveOptions) Run(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if err := mayPublish(log, asOperator(log)); err != nil {
		return err
	}
	if len(o.numbers) == 0 {
		if o.numbers, err = o.chosen(ctx, log); err != nil {
			return err
		}
	}
	for _, n := range o.numbers {
		if err := log.RemoveLetter(ctx, n); err != nil {
			return notThere(err)
		}
		if o.out.Structured() {
			err = o.out.Item(map[string]uint64{"removed": n})
		} else {
			err = o.out.Linef("%s  removed", strconv.FormatUint(n, 10))
		}
		if err != nil {
			return err
		}
	}
	if len(o.numbers) == 0 {
		return o.talk().Linef("no such dead letters")
	}
	return nil
}

// chosen are those that were replayed, or that have the reason.
func (o *lettersRemoveOptions) chosen(ctx context.Context, log *stream.Log) ([]uint64, error) {
	var numbers []uint64
	for letter, err := range log.Letters(ctx) {
		if err != nil {
			return nil, err
		}
		if o.replayed && letter.Replayed > 0 || o.reason != "" && letter.Reason == o.reason {
			numbers = append(numbers, letter.Number)
		}
	}
	return numbers, nil
}
