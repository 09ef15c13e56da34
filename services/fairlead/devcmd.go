package fairlead

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"fairlead.dev/services/agent-sim"
	"fairlead.dev/services/fairlead/connection"
	"fairlead.dev/services/fairlead/dev"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type devOptions struct {
	*Session
	config     dev.Config
	clusters   string
	kubernetes []string
	noExamples bool
	level      string
	out        output.Printer
}

func newDev(s *Session) *cobra.Command {
	o := &devOptions{Session: s}
	return command(spec{
		use:   "dev",
		about: "Run a whole federation in this process: NATS, placement, simulated clusters, examples; for development only.",
		examples: [3]string{
			"fairlead dev",
			"fairlead dev --data ~/fairlead --no-examples",
			"fairlead dev --kubernetes kind-a --kubernetes kind-b",
		},
		exits: []exit.Code{exit.Failure},
		see:   []string{"fairlead get", "fairlead clusters ls", "fairlead tail", "fairlead doctor"},
	}, o,
		flags("Server", func(f *pflag.FlagSet) {
			f.IntVar(&o.config.Port, "port", 0, "`PORT` on loopback (default 4222, or the next that is free)")
			f.StringVar(&o.config.Data, "data", "", "`DIR` for the log, kept (default a temporary one, removed at the end)")
			f.StringVar(&o.level, "log-level", "warn", "lowest `LEVEL` of what is logged: debug, info, warn or error")
		}),
		flags("Federation", func(f *pflag.FlagSet) {
			f.StringVar(&o.clusters, "clusters", "", "`FILE` with simulated clusters, in place of the four built in")
			f.StringArrayVar(&o.kubernetes, "kubernetes", nil, "join the cluster of this kubeconfig `CONTEXT`; repeatable")
			f.BoolVar(&o.noExamples, "no-examples", false, "submit no example workloads")
		}))
}

// Complete reads the clusters and examples and finds the Kubernetes agent.
func (o *devOptions) Complete([]string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	if err := o.specs(); err != nil {
		return exit.With(exit.Usage, err)
	}
	if !o.noExamples && o.clusters == "" {
		if o.config.Examples, err = dev.DefaultExamples(); err != nil {
			return err
		}
	}
	return exit.With(exit.Usage, o.joins())
}

func (o *devOptions) specs() (err error) {
	if o.clusters != "" {
		o.config.Clusters, err = agentsim.Load(o.clusters)
		return err
	}
	o.config.Clusters, err = dev.DefaultClusters()
	return err
}

func (o *devOptions) joins() error {
	for _, name := range o.kubernetes {
		binary, err := dev.FindAgent()
		if err != nil {
			return fmt.Errorf("--kubernetes %s: %w", name, err)
		}
		cluster, err := dev.ClusterOf(name)
		if err != nil {
			return fmt.Errorf("--kubernetes: %w", err)
		}
		o.config.Kubernetes = append(o.config.Kubernetes, dev.Kubernetes{Context: name, Cluster: cluster, Binary: binary})
	}
	return nil
}

// Validate checks the port and the level, and that no cluster is named twice.
func (o *devOptions) Validate() error {
	if o.config.Port < 0 || o.config.Port > 65535 {
		return fmt.Errorf("--port %d: want 1 to 65535", o.config.Port)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.level)); err != nil {
		return fmt.Errorf("--log-level %q: want debug, info, warn or error", o.level)
	}
	o.config.Log = dev.LogTo(o.Err, level)
	seen := map[string]bool{}
	for _, name := range o.names() {
		if seen[name] {
			return fmt.Errorf("two clusters are named %s", name)
		}
		seen[name] = true
	}
	return nil
}

func (o *devOptions) names() []string {
	var all []string
	for _, c := range o.config.Clusters {
		all = append(all, string(c.Name))
	}
	for _, k := range o.config.Kubernetes {
		all = append(all, string(k.Cluster))
	}
	return all
}

// Run runs until ^C, which is its ordinary end.
func (o *devOptions) Run(ctx context.Context) error {
	if o.out.Structured() {
		return exit.Errorf(exit.Usage, "dev prints for people; its clients take -o")
	}
	o.config.Announce = o.announce
	o.config.Settled = o.settled
	o.config.Failed = func(err error) { _ = o.talk().Linef("fairlead: %v", err) }
	defer connection.RemoveDev(os.Getpid(), o.Getenv)
	tracing, end, err := o.tracing(ctx, "dev")
	if err != nil {
		return err
	}
	defer end()
	o.config.Telemetry = tracing
	err = dev.Run(ctx, o.config)
	if err == nil && ctx.Err() != nil {
		_ = o.talk().Linef("stopped")
	}
	return err
}

// announce tells other shells and the person in front where the server is.
func (o *devOptions) announce(a dev.Announcement) {
	_ = o.out.Linef("fairlead dev: for development only, on this machine alone; ^C ends it")
	kept := "removed at the end"
	if a.Kept {
		kept = "kept"
	}
	_ = o.out.Linef("  server    %s  (data in %s, %s)", a.Server, a.Data, kept)
	for i, line := range o.described() {
		title := ""
		if i == 0 {
			title = "clusters"
		}
		_ = o.out.Linef("  %-8s  %s", title, line)
	}
	if err := connection.WriteDev(connection.Dev{Server: a.Server, PID: os.Getpid()}, o.Getenv); err != nil {
		_ = o.talk().Linef("fairlead: other shells will need --server %s: %v", a.Server, err)
	}
	flag := ""
	if !a.DefaultPort() {
		flag = " --server " + a.Server
	}
	_ = o.out.Linef("  next      fairlead get%s    (in another shell; then explain, plan, tail, clusters ls)", flag)
}

func (o *devOptions) described() []string {
	var lines []string
	for _, c := range o.config.Clusters {
		lines = append(lines, fmt.Sprintf("%-10s %s, %s, simulated", c.Name, c.Orchestrator, strings.Join(present(c.Provider, c.Region, c.Zone), " ")))
	}
	for _, k := range o.config.Kubernetes {
		lines = append(lines, fmt.Sprintf("%-10s kubernetes, context %s, real", k.Cluster, k.Context))
	}
	if len(lines) == 0 {
		lines = []string{"none"}
	}
	return lines
}

func (o *devOptions) settled(s dev.Settled) {
	_ = o.out.Linef("  ready     %d clusters report, %d example workloads submitted, %s after the start", len(o.names()), s.Submitted, s.Took.Round(time.Millisecond))
}
