package telemetry

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"fairlead.dev/pkg/event"
)

// OpenTelemetry has no conventions for NATS yet. These are ours: the general messaging
// conventions where they fit, fairlead.* beside them. Nothing else in the project
// spells the name of a span, a metric or an attribute.

// Scope is the instrumentation scope of every tracer and meter.
const Scope = "fairlead.dev"

// system is messaging.system of every span.
const system = "nats"

// Operations, the first word of a span's name. The second is the destination's
// template, never a name or an id: `send fairlead.intents.tenant.{name}.workload.submitted`.
const (
	opSend    = "send"
	opReceive = "receive"
	opProcess = "process"
)

// Names of metrics. Counters count since the process started; Prometheus adds _total
// and the unit.
const (
	MetricDecisions   = "fairlead.placement.decisions"    // {decision}, by KeyVerdict
	MetricDecideTime  = "fairlead.placement.decide.time"  // s, one decision in the core
	MetricAppendTime  = "fairlead.log.append.time"        // s, one batch, from sending to its acknowledgement
	MetricAppendSize  = "fairlead.log.append.size"        // {message}, messages of one batch
	MetricEvents      = "fairlead.log.events"             // {event} read, by KeyStream
	MetricDeadLetters = "fairlead.log.deadletters"        // {message}, by KeyStream and KeyReason
	MetricHeld        = "fairlead.placement.held"         // {workload} waiting for room
	MetricLeaderEpoch = "fairlead.placement.leader.epoch" // the epoch this process leads, 0 for none
)

// Keys of metric attributes. Each takes few values, all known when the program is
// built: never a cluster, a tenant, a workload or an id.
const (
	KeyVerdict = attribute.Key("fairlead.verdict")
	KeyStream  = attribute.Key("fairlead.stream")
	KeyReason  = attribute.Key("fairlead.reason")
)

// Keys of span attributes; these may name things.
const (
	keyEventType   = attribute.Key("cloudevents.event_type")
	keyEventSource = attribute.Key("cloudevents.event_source")
	keyEventID     = attribute.Key("cloudevents.event_id")
	keySequence    = attribute.Key("fairlead.sequence")
	keyEntity      = attribute.Key("fairlead.entity")
)

// Seconds are the histogram bounds of every duration: 10 µs, a decision, to 10 s, a
// broker in trouble. Pass them with metric.WithExplicitBucketBoundaries.
var Seconds = []float64{.00001, .000025, .0001, .00025, .001, .0025, .01, .025, .1, .25, 1, 2.5, 10}

// Process describes a process to telemetry: the service's name and its version.
func Process(service, version string) []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.ServiceNamespace("fairlead"),
		semconv.ServiceName("fairlead-" + service),
		semconv.ServiceVersion(version),
	}
}

// destination is the template of an event's subject, with {name} where the subject has
// the cluster or the tenant.
func destination(t event.Type) string {
	entry, ok := event.Lookup(t)
	if !ok {
		return string(t)
	}
	name := "{name}."
	if entry.Scope == event.ScopeFleet {
		name = ""
	}
	return "fairlead." + strings.ToLower(string(entry.Stream)) + "." + string(entry.Scope) + "." + name + entry.Name
}
