package fairlead

import (
	"context"
	"errors"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/services/fairlead/backup"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type restoreOptions struct {
	*Session
	dir       string
	check     bool
	replicas  int
	sign      bool
	authority string
	out       output.Printer
}

func newRestore(s *Session) *cobra.Command {
	o := &restoreOptions{Session: s}
	return command(spec{
		use:   "restore DIR",
		about: "Put a backup into a NATS that holds no federation; placement, agents and integrations then go on from it.",
		detail: "All of it is verified before anything is changed. The numbers that the lost end of the log may have used are left out.\n" +
			"With --sign every record is signed by your authority: for a log that was unsigned, or of an authority that is lost.",
		examples: [3]string{
			"fairlead restore ~/backups/2026-11-23 --check",
			"fairlead restore ~/backups/2026-11-23 --replicas 3",
			"fairlead restore unsigned --sign --authority ~/acme --creds ~/acme/creds/operator-ada.creds",
		},
		exits:  with(exit.Forbidden),
		see:    []string{"fairlead backup", "fairlead doctor", "docs/failures.md"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.BoolVar(&o.check, "check", false, "verify the backup, and ask no server")
		f.IntVar(&o.replicas, "replicas", 0, "`N` copies of each stream, 1 or 3; as it was where not given")
		f.BoolVar(&o.sign, "sign", false, "sign every record anew with the authority's word")
		s.authorityFlag(f, &o.authority)
	}))
}

// Complete reads the folder.
func (o *restoreOptions) Complete(args []string) (err error) {
	o.dir = args[0]
	o.out, err = o.printer()
	return err
}

// Validate refuses what no server would take.
func (o *restoreOptions) Validate() error {
	switch {
	case o.replicas != 0 && o.replicas != 1 && o.replicas != 3:
		return errors.New("--replicas: want 1 or 3")
	case o.sign && o.authority == "":
		return errNoAuthority
	case o.sign && o.check:
		return errors.New("--check asks nobody to sign: leave out --sign")
	}
	return nil
}

// Run verifies, and restores.
func (o *restoreOptions) Run(ctx context.Context) error {
	if o.check {
		m, err := backup.Verify(o.dir, backup.Options{Progress: o.progress()})
		if err != nil {
			return kept(err)
		}
		return printBackup(o.out, "sound", m)
	}
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	if f.id.Trust != nil && (f.id.Signer == nil || f.id.API != "") {
		return exit.Errorf(exit.Forbidden, "the credentials of %s are not an operator's", f.id.Name)
	}
	to := backup.RestoreOptions{Replicas: o.replicas, Options: backup.Options{By: daemon.BuildInfo().Version, Trust: f.id.Trust.Roots(), Progress: o.progress()}}
	if o.sign {
		end, err := o.vouch(&to)
		if err != nil {
			return err
		}
		defer end()
	}
	m, err := backup.Restore(ctx, f.nc, o.dir, to)
	if err != nil {
		return o.refused(err)
	}
	return printBackup(o.out, "restored", m)
}

// vouch lets the authority sign.
func (o *restoreOptions) vouch(to *backup.RestoreOptions) (end func(), err error) {
	a, err := openAuthority(o.authority)
	if err != nil {
		return nil, err
	}
	if len(to.Trust) != 1 || to.Trust[0] != a.Root() {
		return nil, exit.Errorf(exit.Usage, "the credentials are not of the authority in %s: give its operator's with --creds", o.authority)
	}
	to.Signer, end, err = a.Vouch()
	return end, err
}

// refused says what to do about a backup of another federation.
func (o *restoreOptions) refused(err error) error {
	if errors.Is(err, backup.ErrForeign) && !o.sign {
		return exit.Errorf(exit.Usage, "%w; `fairlead restore %s --sign --authority DIR` signs it anew, if you know where it comes from", err, o.dir)
	}
	return kept(err)
}
