package agent

import (
	"log/slog"
	"time"

	"github.com/nats-io/nuid"

	"fairlead.dev/pkg/daemon/telemetry"
)

// Config is everything an agent can be told, whatever its orchestrator.
type Config struct {
	Settings

	// LeaveOnStop makes an ordinary stop a departure: the cluster leaves the fleet,
	// and what runs there is placed elsewhere. Without it a stop is only a pause.
	LeaveOnStop bool
	// Grace is how long an orderly departure may take; 5 s.
	Grace time.Duration

	// Online tells when the connection to the log is lost (false) and back (true).
	// Nil means that only failing publishes tell.
	Online <-chan bool
	// Log gets a line when something changes, never one per event; slog.Default when nil.
	Log *slog.Logger
	// Instruments are told of commands and reports; agents of one process share them.
	// Nil is nobody.
	Instruments *Instruments
	// Ready is told whether the agent is synchronised and reports; nil for nobody.
	Ready func(ready bool, why string)
}

// WithDefaults fills in what is empty; the instance gets a random name.
func (c Config) WithDefaults() Config {
	c.Settings = c.Settings.WithDefaults()
	c.Instance = or(c.Instance, nuid.Next())
	c.Grace = or(c.Grace, 5*time.Second)
	c.Log = or(c.Log, slog.Default()).With("cluster", string(c.Cluster))
	if c.Instruments == nil {
		c.Instruments = NewInstruments(telemetry.Providers{})
	}
	if c.Ready == nil {
		c.Ready = func(bool, string) {}
	}
	return c
}
