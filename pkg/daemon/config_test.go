package daemon_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
)

// defaults is a Config as the flags leave it, on a free port.
func defaults(environ ...string) daemon.Config {
	var c daemon.Config
	c.Flags(pflag.NewFlagSet("test", pflag.ContinueOnError), environ)
	return c
}

func TestDefaultsAreValidQuietAndOnLoopback(t *testing.T) {
	c := defaults()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if c.Metrics || c.Traces {
		t.Errorf("metrics, traces = %v, %v: both cost something and must be asked for", c.Metrics, c.Traces)
	}
	if !strings.HasPrefix(c.Address, "127.0.0.1:") {
		t.Errorf("address = %q: not loopback", c.Address)
	}
}

func TestValidateNamesTheFlag(t *testing.T) {
	for flag, spoil := range map[string]func(*daemon.Config){
		"--log-format": func(c *daemon.Config) { c.LogFormat = "xml" },
		"--log-level":  func(c *daemon.Config) { c.LogLevel = "loud" },
		"--address":    func(c *daemon.Config) { c.Address = "nowhere" },
		"--metrics":    func(c *daemon.Config) { c.Metrics, c.Address = true, "" },
		"--grace":      func(c *daemon.Config) { c.Grace = 0 },
	} {
		c := defaults()
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: error = %v", flag, err)
		}
	}
}

func TestTracesOnlyWhenAsked(t *testing.T) {
	for environ, want := range map[string]bool{
		"":                          false,
		"OTEL_SERVICE_NAME=x":       false,
		"OTEL_TRACES_EXPORTER=none": false,
		"OTEL_TRACES_EXPORTER=otlp": true,
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318":                           true,
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318":                    true,
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_TRACES_EXPORTER=none": false,
		"OTEL_TRACES_EXPORTER=otlp OTEL_SDK_DISABLED=true":                            false,
	} {
		if got := defaults(strings.Fields(environ)...).Traces; got != want {
			t.Errorf("%q: traces = %v, want %v", environ, got, want)
		}
	}
}
