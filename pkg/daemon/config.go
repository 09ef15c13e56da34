package daemon

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Config is what every process can be told about its shell. The zero value is not
// usable: Flags gives the defaults.
type Config struct {
	LogFormat string        // "text" for people, "json" for collectors
	LogLevel  string        // debug, info, warn or error
	Address   string        // host:port of health and metrics; port 0 takes a free one, "" serves nothing
	Metrics   bool          // serve /metrics in Prometheus and OpenMetrics form
	Traces    bool          // send spans as the OTEL_* variables say
	Grace     time.Duration // how long parts may take to stop, all together
}

// Flags declares the settings on fs with their defaults. environ is the process's
// environment: spans are on by default only where OTEL_* asks for them.
func (c *Config) Flags(fs *pflag.FlagSet, environ []string) {
	fs.StringVar(&c.LogFormat, "log-format", "text", "log `format`: text or json")
	fs.StringVar(&c.LogLevel, "log-level", "info", "lowest `level` logged: debug, info, warn or error")
	fs.StringVar(&c.Address, "address", "127.0.0.1:0", "`host:port` of /healthz, /readyz and /metrics; port 0 takes a free one")
	fs.BoolVar(&c.Metrics, "metrics", false, "serve /metrics")
	fs.BoolVar(&c.Traces, "traces", TracesAsked(environ), "send spans as OTEL_* says; on when OTEL_* names an exporter or endpoint")
	fs.DurationVar(&c.Grace, "grace", 10*time.Second, "`time` allowed for an orderly stop")
}

// Validate says what cannot work, naming the flag.
func (c Config) Validate() error {
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return fmt.Errorf("--log-format %q: want text or json", c.LogFormat)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return fmt.Errorf("--log-level %q: want debug, info, warn or error", c.LogLevel)
	}
	if c.Address != "" {
		if _, _, err := net.SplitHostPort(c.Address); err != nil {
			return fmt.Errorf("--address: %w", err)
		}
	}
	if c.Metrics && c.Address == "" {
		return fmt.Errorf("--metrics needs --address: there is nothing to serve it on")
	}
	if c.Grace <= 0 {
		return fmt.Errorf("--grace %s: want more than nothing", c.Grace)
	}
	return nil
}

// TracesAsked reports whether the OTEL_* variables in environ (NAME=value) ask for
// spans to be sent: an exporter other than none, or an endpoint.
func TracesAsked(environ []string) bool {
	env := variables(environ)
	if strings.EqualFold(env["OTEL_SDK_DISABLED"], "true") {
		return false
	}
	if exporter := env["OTEL_TRACES_EXPORTER"]; exporter != "" {
		return exporter != "none"
	}
	return env["OTEL_EXPORTER_OTLP_ENDPOINT"] != "" || env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] != ""
}
