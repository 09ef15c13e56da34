package fairlead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/services/fairlead/backup"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
)

type backupOptions struct {
	*Session
	dir string
	out output.Printer
}

func newBackup(s *Session) *cobra.Command {
	o := &backupOptions{Session: s}
	return command(spec{
		use:   "backup DIR",
		about: "Keep the whole federation in a new folder: every stream, consumer, checkpoint and setting.",
		detail: "Nothing has to stand still for it. What was written is read back and verified; the manifest comes last.\n" +
			"The credentials are an operator's. The authority's folder is not in it: keep that as you keep other secrets.",
		examples: [3]string{
			"fairlead backup ~/backups/2026-11-23",
			"fairlead backup /mnt/backup/today --context prod",
			"fairlead backup today -o json | jq .sum",
		},
		exits:  with(exit.Forbidden),
		see:    []string{"fairlead restore", "fairlead doctor", "docs/failures.md"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o)
}

// Complete reads the folder.
func (o *backupOptions) Complete(args []string) (err error) {
	o.dir = args[0]
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *backupOptions) Validate() error { return nil }

// Run takes the backup.
func (o *backupOptions) Run(ctx context.Context) error {
	f, log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if err := mayPublish(log, asOperator(log)); err != nil {
		return err
	}
	m, err := backup.Take(ctx, f.nc, log, o.dir, backup.Options{By: daemon.BuildInfo().Version, Trust: f.id.Trust.Roots(), Progress: o.progress()})
	if err != nil {
		return kept(err)
	}
	return printBackup(o.out, "kept in "+o.dir, m)
}

// kept gives what package backup refuses its exit code.
func kept(err error) error {
	if errors.Is(err, backup.ErrNotEmpty) || errors.Is(err, backup.ErrNone) || errors.Is(err, backup.ErrForeign) {
		return exit.With(exit.Usage, err)
	}
	return err
}

// printBackup says what a backup holds.
func printBackup(out output.Printer, done string, m backup.Manifest) error {
	if out.Structured() {
		return out.Value(m)
	}
	rows := output.Rows{Columns: []output.Column{{Name: "stream"}, {Name: "records", Right: true}, {Name: "from", Right: true}, {Name: "to", Right: true},
		{Name: "consumers", Right: true}, {Name: "size", Right: true}, {Name: "sha256", Wide: true}}}
	for _, p := range m.Parts {
		rows.Add(p.Stream, fmt.Sprint(p.Messages), fmt.Sprint(p.First), fmt.Sprint(p.Last), fmt.Sprint(p.Consumers), quantity.Memory(p.Size), p.SHA256)
	}
	if err := out.Table(rows); err != nil {
		return err
	}
	return out.Linef("%s: the federation as of %s, PLACEMENTS at %d; %s, sum %s", done, m.Taken.UTC().Format(time.RFC3339), m.Position, quantity.Memory(m.Bytes()), m.Sum[:16])
}

// progress tells on stderr how a long work goes: a line for each part, and for somebody
// who watches how much of it is done.
func (s *Session) progress() func(name string, done int64, finished *backup.Part) {
	var told time.Time
	return func(name string, done int64, finished *backup.Part) {
		switch {
		case finished != nil:
			end := ""
			if s.Watched {
				end = "\r\x1b[K"
			}
			fmt.Fprintf(s.Err, "%s%-24s %10d records  %s\n", end, name, finished.Messages, quantity.Memory(done))
		case s.Watched && time.Since(told) > 200*time.Millisecond:
			told = time.Now()
			fmt.Fprintf(s.Err, "\r\x1b[K%-24s %s", name, quantity.Memory(done))
		}
	}
}
