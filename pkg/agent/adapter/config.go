package adapter

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go"
	"github.com/spf13/pflag"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Config is what an agent can be told whatever its orchestrator.
type Config struct {
	// Connect says how to reach the log. Not used when Conn is given.
	Connect stream.ConnConfig
	// Conn is a connection to use instead; it is not closed.
	Conn *nats.Conn
	// Agent is the protocol's part; its Cluster is the name in the federation.
	Agent agent.Settings
	// LeaveOnStop makes an ordinary stop a departure from the fleet.
	LeaveOnStop bool
	// Log gets a line when something changes; slog.Default when nil.
	Log *slog.Logger
	// Telemetry is told of commands and reports; the zero value is nobody.
	Telemetry telemetry.Providers
	// Ready is told whether the agent is synchronised and reports; nil for nobody.
	Ready func(ready bool, why string)
}

// Flags declares the settings on fs with their defaults.
func (c *Config) Flags(fs *pflag.FlagSet) {
	fs.StringVar((*string)(&c.Agent.Cluster), "cluster", "", "`name` of the cluster in the federation")
	fs.StringVar(&c.Connect.URL, "server", "", "`URL` of the NATS servers, several separated by commas")
	c.Connect.SecurityFlags(fs)
	fs.StringVar(&c.Connect.NKey, "nkey", "", "`file` of an nkey seed")
	fs.StringVar(&c.Connect.InboxPrefix, "inbox-prefix", "", "`subject` prefix of replies, as the permissions allow")
	fs.BoolVar(&c.LeaveOnStop, "leave-on-stop", false, "leave the fleet on an ordinary stop: what runs here moves elsewhere")
}

// Validate says everything that is missing or wrong before anything is connected.
func (c Config) Validate() error {
	if c.Agent.Cluster == "" {
		return errors.New("--cluster is missing: the name of the cluster in the federation")
	}
	if err := event.CheckName(string(c.Agent.Cluster)); err != nil {
		return fmt.Errorf("--cluster: %w", err)
	}
	return nil
}

// Logger is where lines go.
func (c Config) Logger() *slog.Logger {
	if c.Log == nil {
		return slog.Default()
	}
	return c.Log
}
