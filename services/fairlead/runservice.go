package fairlead

import (
	"context"
	"fmt"
	"strings"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/agent-sim"
	"fairlead.dev/services/fairlead/connection"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/placement"
	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newRun(s *Session) *cobra.Command {
	return parent("run", "Run one service of the federation in the foreground.", newRunPlacement(s), newRunAgentSim(s))
}

// process is what every service process takes: its shell's settings and a file of
// settings. The flags are the schema of the file and of FAIRLEAD_*.
type process struct {
	*Session
	shell  daemon.Config
	config string
	set    *pflag.FlagSet
}

// group declares the shell's flags; the two that are rarely touched stay out of the
// help, which has 24 lines.
func (p *process) group() group {
	return flags("Process", func(f *pflag.FlagSet) {
		f.StringVar(&p.config, "config", "", "`FILE` of settings in YAML, named as the flags")
		p.shell.Flags(f, p.Environ)
		hide(f, "log-format", "traces", "grace")
	})
}

// load settles what the command line left alone.
func (p *process) load(groups ...group) error {
	p.set = pflag.NewFlagSet("settings", pflag.ContinueOnError)
	for _, g := range groups {
		p.set.AddFlagSet(g.flags)
	}
	return exit.With(exit.Usage, daemon.Load(p.set, p.config, p.Environ))
}

// start opens the shell of the process.
func (p *process) start(ctx context.Context, service string) (*daemon.Shell, error) {
	shell, err := daemon.Start(ctx, p.shell, service, p.Err)
	if _, usage := err.(daemon.UsageError); usage {
		return nil, exit.With(exit.Usage, err)
	}
	return shell, err
}

// dial connects as a service does, for ever and telling when the connection is away, as
// whoever the credentials say. A service without an identity stays on its own machine.
func (p *process) dial(ctx context.Context, shell *daemon.Shell, c stream.ConnConfig) (*nats.Conn, identity.Identity, error) {
	target, err := connection.Resolve(p.flags, p.Getenv)
	if err != nil {
		return nil, identity.Identity{}, err
	}
	c.URL, c.Creds, c.CA, c.Log = target.URL(), target.CredsFile(), target.CA, shell.Log
	id, err := c.Identify()
	if err != nil {
		return nil, id, exit.With(exit.Usage, err)
	}
	if target.Context != "" {
		nc, err := connection.Connect(ctx, target, c.Name)
		return nc, id, err
	}
	nc, err := stream.Connect(ctx, c)
	if err != nil {
		return nil, id, fmt.Errorf("%w (from %s)", err, target.From)
	}
	return nc, id, nil
}

type runPlacementOptions struct {
	process
	groups []group
	cfg    placement.Config
}

func newRunPlacement(s *Session) *cobra.Command {
	o := &runPlacementOptions{process: process{Session: s}, cfg: placement.Config{}.Defaults()}
	o.groups = []group{
		flags("Placement", func(f *pflag.FlagSet) {
			o.cfg.Flags(f)
			hide(f, "server", "creds", "ca", "insecure-plain", "insecure-unsigned", "batch-messages", "in-flight", "append-timeout", "checkpoint-records", "checkpoint-every", "steer-every",
				"takeover-after", "stuck-after", "probe-every", "tick-millis")
		}),
		o.group(),
	}
	return command(spec{
		use:    "placement",
		about:  "Run the placement service: it reads the log, decides, and appends what it decides.",
		detail: "Every flag may stand in --config FILE or in FAIRLEAD_<FLAG> too.",
		examples: [3]string{
			"fairlead run placement --server nats://127.0.0.1:4222",
			"fairlead run placement --config /etc/fairlead/placement.yaml",
			"fairlead run placement --instance a --address 127.0.0.1:9090 --metrics",
		},
		exits:  with(exit.Interrupted),
		see:    []string{"fairlead setup", "fairlead doctor", "fairlead dev"},
		server: true,
	}, o, o.groups...)
}

// Complete settles the flags.
func (o *runPlacementOptions) Complete([]string) error { return o.load(o.groups...) }

// Validate checks service and shell.
func (o *runPlacementOptions) Validate() error {
	if err := o.cfg.Validate(); err != nil {
		return err
	}
	return o.shell.Validate()
}

// Run serves until ctx ends.
func (o *runPlacementOptions) Run(ctx context.Context) error {
	shell, err := o.start(ctx, "placement")
	if err != nil {
		return err
	}
	o.override()
	o.cfg.Connect.Name = "fairlead placement " + o.cfg.Instance
	nc, id, err := o.dial(ctx, shell, o.cfg.Connect)
	if err != nil {
		return err
	}
	defer nc.Close()
	o.cfg.Conn, o.cfg.Identity, o.cfg.Log, o.cfg.Telemetry = nc, id, shell.Log, shell.Telemetry.Providers
	return shell.Run(ctx, placement.Part(o.cfg, shell.Checks))
}

// override takes server and creds from the service's own flags, which stand before
// the shared ones of the same name. What the environment says is left to the
// connection, which then names the variable if nothing answers.
func (p *process) override() {
	for name, to := range map[string]*string{"server": &p.flags.Server, "creds": &p.flags.Creds, "ca": &p.flags.CA} {
		value := p.set.Lookup(name).Value.String()
		if p.set.Lookup(name).Changed && value != p.Getenv("FAIRLEAD_"+strings.ToUpper(name)) {
			*to = value
		}
	}
	p.flags.InsecurePlain = p.set.Lookup("insecure-plain").Value.String() == "true"
}

// hide keeps flags out of the help that are said otherwise or rarely touched.
func hide(f *pflag.FlagSet, names ...string) {
	for _, name := range names {
		f.Lookup(name).Hidden = true
	}
}

type runAgentSimOptions struct {
	process
	groups   []group
	clusters string
	cfg      agentsim.Config
}

func newRunAgentSim(s *Session) *cobra.Command {
	o := &runAgentSimOptions{process: process{Session: s}}
	o.groups = []group{
		flags("Simulation", func(f *pflag.FlagSet) {
			f.StringVar(&o.clusters, "clusters", "", "`FILE` with the clusters to simulate")
			o.cfg.Flags(f)
			hide(f, "server", "creds", "ca", "insecure-plain", "insecure-unsigned")
		}),
		o.group(),
	}
	return command(spec{
		use:    "agent-sim",
		about:  "Run simulated clusters with the real agent; each must have joined, or --join admits it.",
		detail: "Every flag may stand in --config FILE or in FAIRLEAD_<FLAG> too.",
		examples: [3]string{
			"fairlead run agent-sim --clusters clusters.yaml",
			"fairlead clusters join sim-1 && fairlead run agent-sim --clusters sim-1.yaml",
			"fairlead run agent-sim --clusters clusters.yaml --server nats://127.0.0.1:4222",
		},
		exits:  with(exit.Interrupted),
		see:    []string{"fairlead clusters join", "fairlead dev --clusters", "fairlead tail"},
		server: true,
	}, o, o.groups...)
}

// Complete settles the flags and reads the clusters.
func (o *runAgentSimOptions) Complete([]string) error {
	if err := o.load(o.groups...); err != nil {
		return err
	}
	if o.clusters == "" {
		return exit.Errorf(exit.Usage, "no clusters given: use --clusters FILE")
	}
	return exit.With(exit.Usage, o.cfg.LoadClusters(o.clusters))
}

// Validate checks the shell; the specs are valid once loaded.
func (o *runAgentSimOptions) Validate() error { return o.shell.Validate() }

// Run simulates until ctx ends.
func (o *runAgentSimOptions) Run(ctx context.Context) error {
	shell, err := o.start(ctx, "agent-sim")
	if err != nil {
		return err
	}
	o.override()
	o.cfg.Connect.Name = "fairlead agent-sim"
	nc, id, err := o.dial(ctx, shell, o.cfg.Connect)
	if err != nil {
		return err
	}
	defer nc.Close()
	o.cfg.Conn, o.cfg.Log, o.cfg.Options = nc, shell.Log, stream.Options{Log: shell.Log, Identity: id}
	o.cfg.Telemetry = shell.Telemetry.Providers
	return shell.Run(ctx, agentsim.Part(o.cfg, shell.Checks))
}
