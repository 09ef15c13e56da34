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
	opDecide  = "decide"
	opAppend  = "append"
)

// Names of the spans of what is no message.
const (
	SpanSubmit   = "submit"   // one workload, from a person's command line to the log
	SpanApply    = "apply"    // one call of the orchestrator that stores a workload
	SpanWithdraw = "withdraw" // one that removes it
)

// Names of metrics. Counters count since the process started; Prometheus adds _total
// and the unit.
const (
	MetricDecisions   = "fairlead.placement.decisions"    // {decision}, by KeyVerdict
	MetricDecideTime  = "fairlead.placement.decide.time"  // s, one decision in the core
	MetricHeld        = "fairlead.placement.held"         // {workload} waiting for room
	MetricLeaderEpoch = "fairlead.placement.leader.epoch" // the epoch this process leads, 0 for none
	MetricAppendTime  = "fairlead.log.append.time"        // s, one batch, from sending to its acknowledgement
	MetricAppendSize  = "fairlead.log.append.size"        // {message}, messages of one batch
	MetricInFlight    = "fairlead.log.append.inflight"    // {batch} sent, not acknowledged
	MetricEvents      = "fairlead.log.events"             // {event} read, by KeyStream
	MetricLag         = "fairlead.log.lag"                // {message} of the tail not yet applied, by KeyStream
	MetricDeadLetters = "fairlead.log.deadletters"        // {message}, by KeyStream and KeyReason
	MetricUnkept      = "fairlead.log.deadletters.unkept" // {message} of those that were counted and not kept, by KeyStream and KeyReason
	MetricStored      = "fairlead.log.stored"             // By that a stream holds, by KeyStream
	MetricBound       = "fairlead.log.bound"              // By that it may hold, 0 for no limit, by KeyStream
	MetricCheckpoints = "fairlead.log.checkpoints"        // {checkpoint}, by KeyResult: saved, failed, restored or skipped
	MetricCommands    = "fairlead.agent.commands"         // {command} settled, by KeyOutcome
	MetricSettleTime  = "fairlead.agent.settle.time"      // s, from a command's arrival to its settlement
	MetricApplyTime   = "fairlead.agent.apply.time"       // s, one call of the orchestrator, by KeyResult
	MetricReports     = "fairlead.agent.reports"          // {event} the log took, by KeyReport
	MetricOutbox      = "fairlead.agent.outbox"           // {event} waiting to be sent
	MetricReportAge   = "fairlead.agent.report.age"       // s since the log last took a report; of the quietest agent, where a process has several
)

// Keys of metric attributes. Each takes few values, all known when the program is
// built: never a cluster, a tenant, a workload or an id.
const (
	KeyVerdict = attribute.Key("fairlead.verdict")
	KeyStream  = attribute.Key("fairlead.stream")
	KeyReason  = attribute.Key("fairlead.reason")
	KeyOutcome = attribute.Key("fairlead.outcome") // applied, rejected or superseded
	KeyResult  = attribute.Key("fairlead.result")  // stored, refused or failed; of a checkpoint see below
	KeyReport  = attribute.Key("fairlead.report")  // the type of the event, as in a subject
)

// What became of a checkpoint, under KeyResult.
const (
	CheckpointSaved    = "saved"
	CheckpointFailed   = "failed"   // to be saved
	CheckpointRestored = "restored" // a fold began there
	CheckpointSkipped  = "skipped"  // damaged, of another engine, or behind what the log keeps
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

// destinations holds the template of every type's subject, with {name} where the
// subject has the cluster or the tenant; names hold the span's name of every type by
// operation. Both are made once: a new name for every span costs more than the span.
var destinations, names = vocabulary()

func vocabulary() (map[event.Type]string, map[string]map[event.Type]string) {
	templates := map[event.Type]string{}
	spans := map[string]map[event.Type]string{opSend: {}, opProcess: {}, opDecide: {}}
	for _, entry := range event.Catalog() {
		templates[entry.Type] = template(entry)
		for op, of := range spans {
			of[entry.Type] = op + " " + templates[entry.Type]
		}
	}
	return templates, spans
}

func template(entry event.Entry) string {
	name := "{name}."
	if entry.Scope == event.ScopeFleet {
		name = ""
	}
	return prefix(entry.Stream) + "." + string(entry.Scope) + "." + name + entry.Name
}

// prefix is what every subject of a stream begins with.
func prefix(s event.Stream) string { return "fairlead." + strings.ToLower(string(s)) }
