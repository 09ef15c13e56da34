package fairlead

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newDeadletters(s *Session) *cobra.Command {
	return parent("deadletters", "Show, replay and remove what could not be read or trusted.",
		newLettersList(s), newLettersShow(s), newLettersReplay(s), newLettersRemove(s))
}

type lettersListOptions struct {
	*Session
	all bool
	out output.Printer
}

func newLettersList(s *Session) *cobra.Command {
	o := &lettersListOptions{Session: s}
	return command(spec{
		use:    "ls",
		about:  "List the records that could not be read or trusted, oldest first, with the reason.",
		detail: "They are kept for 30 days, as long as they take less than the stream's size: see doctor.",
		examples: [3]string{
			"fairlead deadletters ls",
			"fairlead deadletters ls --all",
			"fairlead deadletters ls -o json | jq -r .reason | sort | uniq -c",
		},
		exits:  connected,
		see:    []string{"fairlead deadletters show", "fairlead deadletters replay", "fairlead deadletters rm"},
		server: true,
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.BoolVar(&o.all, "all", false, "list those too that were replayed")
	}))
}

// Complete checks the format.
func (o *lettersListOptions) Complete([]string) (err error) {
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *lettersListOptions) Validate() error { return nil }

// letterView is a dead letter as it is printed.
type letterView struct {
	Number   uint64       `json:"number"`
	Reason   string       `json:"reason"`
	Detail   string       `json:"detail,omitempty"`
	Subject  string       `json:"subject"`
	Stream   event.Stream `json:"stream"`
	Sequence uint64       `json:"sequence"`
	Stored   string       `json:"stored"`
	Replayed uint64       `json:"replayed,omitempty"` // sequence given by the replay

	Header map[string][]string `json:"header,omitempty"`
	Data   json.RawMessage     `json:"data,omitempty"`       // when it is JSON
	Base64 string              `json:"dataBase64,omitempty"` // otherwise
}

func letterOf(l stream.Letter) letterView {
	return letterView{Number: l.Number, Reason: l.Reason, Detail: l.Detail, Subject: l.Subject,
		Stream: l.At.Stream, Sequence: l.At.Sequence, Stored: l.At.Stored.UTC().Format("2006-01-02T15:04:05.000Z"), Replayed: l.Replayed}
}

// Run lists; a list can be long, so structured output is a stream.
func (o *lettersListOptions) Run(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	rows := output.Rows{Columns: []output.Column{
		{Name: "number", Right: true}, {Name: "stored"}, {Name: "record"}, {Name: "reason"}, {Name: "detail"},
		{Name: "replayed", Right: true, Wide: !o.all}, {Name: "subject", Wide: true},
	}}
	for letter, err := range log.Letters(ctx) {
		if err != nil {
			return err
		}
		if letter.Replayed > 0 && !o.all {
			continue
		}
		v := letterOf(letter)
		if o.out.Structured() {
			if err := o.out.Item(v); err != nil {
				return err
			}
			continue
		}
		rows.Add(strconv.FormatUint(v.Number, 10), v.Stored, fmt.Sprintf("%s %d", v.Stream, v.Sequence), v.Reason, o.detail(v), replayedAt(v.Replayed), v.Subject)
	}
	if o.out.Structured() {
		return nil
	}
	if len(rows.Cells) == 0 {
		return o.talk().Linef("no dead letters")
	}
	return o.out.Table(rows)
}

// detail is cut where the table must fit a screen.
func (o *lettersListOptions) detail(v letterView) string {
	if o.out.Format == output.Wide {
		return v.Detail
	}
	return shorten(v.Detail)
}

func replayedAt(seq uint64) string {
	if seq == 0 {
		return "–"
	}
	return strconv.FormatUint(seq, 10)
}

func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= 100 {
		return s
	}
	return string(runes[:99]) + "…"
}

type letterOptions struct {
	*Session
	numbers []uint64
	replay  bool
	out     output.Printer
}

func newLettersShow(s *Session) *cobra.Command {
	o := &letterOptions{Session: s}
	return command(spec{
		use:   "show NUMBER",
		about: "Show one dead letter with the record as it was.",
		examples: [3]string{
			"fairlead deadletters show 7",
			"fairlead deadletters show 7 -o json | jq .data",
			"fairlead deadletters show 7 -o yaml",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead deadletters replay", "fairlead deadletters rm", "fairlead schema"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o)
}

func newLettersReplay(s *Session) *cobra.Command {
	o := &letterOptions{Session: s, replay: true}
	return command(spec{
		use:    "replay NUMBER...",
		about:  "Publish the records of dead letters again, as they were: after what refused them was mended.",
		detail: "A letter that was replayed is listed with --all, under a new number.",
		examples: [3]string{
			"fairlead deadletters replay 7",
			"fairlead deadletters replay 7 8 9",
			"fairlead deadletters ls -o json | jq .number | xargs fairlead deadletters replay",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead deadletters ls", "fairlead deadletters show", "fairlead tail"},
		server: true,
		args:   cobra.MinimumNArgs(1),
	}, o)
}

// Complete reads the numbers.
func (o *letterOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.numbers, err = letterNumbers(args)
	return err
}

func letterNumbers(args []string) ([]uint64, error) {
	var numbers []uint64
	for _, arg := range args {
		n, err := strconv.ParseUint(arg, 10, 64)
		if err != nil || n == 0 {
			return nil, exit.Errorf(exit.Usage, "dead letter %q: want a number as `fairlead deadletters ls` shows it", arg)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// Validate has nothing to refuse.
func (o *letterOptions) Validate() error { return nil }

// Run shows or replays.
func (o *letterOptions) Run(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	for _, n := range o.numbers {
		act := o.show
		if o.replay {
			act = o.again
		}
		if err := act(ctx, log, n); err != nil {
			return notThere(err)
		}
	}
	return nil
}

func notThere(err error) error {
	if absent, ok := errors.AsType[*stream.Absent](err); ok {
		return exit.Errorf(exit.NotFound, "%s does not exist", absent.What)
	}
	return err
}

func (o *letterOptions) again(ctx context.Context, log *stream.Log, n uint64) error {
	seq, err := log.Replay(ctx, n)
	if err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Item(map[string]uint64{"number": n, "replayed": seq})
	}
	return o.out.Linef("%d  replayed at %d", n, seq)
}

func (o *letterOptions) show(ctx context.Context, log *stream.Log, n uint64) error {
	letter, record, err := log.Letter(ctx, n)
	if err != nil {
		return err
	}
	v := letterOf(letter)
	v.Header = record.Header
	if json.Valid(record.Data) {
		v.Data = record.Data
	} else {
		v.Base64 = base64.StdEncoding.EncodeToString(record.Data)
	}
	if o.out.Structured() {
		return o.out.Value(v)
	}
	return o.print(v, record.Data)
}

func (o *letterOptions) print(v letterView, data []byte) error {
	facts := [][2]string{
		{"Number", strconv.FormatUint(v.Number, 10)}, {"Reason", v.Reason}, {"Detail", v.Detail},
		{"Record", fmt.Sprintf("%s %d, stored %s", v.Stream, v.Sequence, v.Stored)}, {"Subject", v.Subject}, {"Replayed", replayedAt(v.Replayed)},
	}
	for _, name := range sortedKeys(v.Header) {
		facts = append(facts, [2]string{name, fmt.Sprint(v.Header[name])})
	}
	for _, f := range facts {
		if err := o.out.Linef("%-10s %s", f[0]+":", dash(output.Clean(f[1]))); err != nil {
			return err
		}
	}
	return o.out.Linef("\n%s", output.Clean(string(data)))
}
