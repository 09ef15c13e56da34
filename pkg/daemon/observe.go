package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"fairlead.dev/pkg/daemon/telemetry"
)

// Telemetry is where a process's spans and measurements go. What is off is the no-op
// provider of the OpenTelemetry API, so that instrumented code asks nothing and pays
// next to nothing.
type Telemetry struct {
	telemetry.Providers
	Metrics http.Handler // Prometheus and OpenMetrics text with exemplars; nil when off

	closers []func(context.Context) error
}

// Shutdown sends what still waits and releases the exporters.
func (t Telemetry) Shutdown(ctx context.Context) error {
	var failed []error
	for _, closer := range t.closers {
		failed = append(failed, closer(ctx))
	}
	return errors.Join(failed...)
}

func startTelemetry(ctx context.Context, c Config, service string) (Telemetry, error) {
	t := Telemetry{Providers: telemetry.Nowhere()}
	if !c.Traces && !c.Metrics {
		return t, nil
	}
	who, err := resource.New(ctx, resource.WithAttributes(telemetry.Process(service, Version)...),
		resource.WithFromEnv()) // last, so that OTEL_SERVICE_NAME has its way
	if err != nil {
		return t, fmt.Errorf("describe this process to telemetry: %w", err)
	}
	if c.Metrics {
		if err := t.measure(who); err != nil {
			return t, err
		}
	}
	if c.Traces {
		if err := t.trace(ctx, who); err != nil {
			return t, err
		}
	}
	return t, nil
}

// measure serves metrics for Prometheus to fetch. The registry is our own: what a
// library puts into the global one is not ours to promise.
func (t *Telemetry) measure(who *resource.Resource) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		return fmt.Errorf("start the metrics exporter: %w", err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(who))
	t.Meters = provider
	t.Metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, Registry: registry})
	t.closers = append(t.closers, provider.Shutdown)
	return nil
}

// trace sends spans to where the OTEL_* variables say; the SDK reads sampling there too.
func (t *Telemetry) trace(ctx context.Context, who *resource.Resource) error {
	spans, err := autoexport.NewSpanExporter(ctx)
	if err != nil {
		return fmt.Errorf("start the trace exporter that OTEL_* names: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(who))
	t.Tracers = provider
	t.closers = append(t.closers, provider.Shutdown)
	return nil
}
