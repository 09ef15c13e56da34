package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
)

// Shell is what a process has round its service. Services get the fields they need
// passed in their own Config; none of them needs to know this package's Shell.
type Shell struct {
	Log       *slog.Logger
	Checks    *Checks // conditions of /readyz: add to them before or while running
	Telemetry Telemetry

	config   Config
	listener net.Listener // nil when nothing is served
}

// Start opens what c asks for: the log on w, the address, the exporters. service names
// the process in spans and metrics, for example "placement". A Config that cannot work
// is a UsageError.
func Start(ctx context.Context, c Config, service string, w io.Writer) (*Shell, error) {
	if err := c.Validate(); err != nil {
		return nil, UsageError{err}
	}
	log, err := NewLogger(w, c.LogFormat, c.LogLevel)
	if err != nil {
		return nil, UsageError{err}
	}
	s := &Shell{Log: log, Checks: &Checks{}, config: c}
	if c.Address != "" {
		s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", c.Address)
		if err != nil {
			return nil, fmt.Errorf("listen for health and metrics: %w", err)
		}
	}
	if s.Telemetry, err = startTelemetry(ctx, c, service); err != nil {
		if s.listener != nil {
			_ = s.listener.Close() // nothing was served on it
		}
		return nil, err
	}
	return s, nil
}

// URL is where health and metrics are served, for example http://127.0.0.1:41231; ""
// when nothing is.
func (s *Shell) URL() string {
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// Run runs the parts between the shell's own: health and metrics start first and end
// last, and spans that wait to be sent are sent at the end. See the function Run for
// order and errors. A Shell runs once.
func (s *Shell) Run(ctx context.Context, parts ...Part) error {
	own := []Part{s.flush()}
	if s.listener != nil {
		s.Log.InfoContext(ctx, "serving health", "url", s.URL(), "metrics", s.config.Metrics, "version", Version)
		var metrics http.Handler
		if s.config.Metrics {
			metrics = s.Telemetry.Metrics
		}
		own = append(own, Serve("health", s.listener, endpoints(s.Checks, metrics), s.config.Grace))
	}
	return Run(ctx, s.config.Grace, append(own, parts...)...)
}

// flush is the part that ends after all that could still make spans.
func (s *Shell) flush() Part {
	return Part{Name: "telemetry", Run: func(ctx context.Context, ready func()) error {
		ready()
		<-ctx.Done()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Grace)
		defer cancel()
		return s.Telemetry.Shutdown(late)
	}}
}
