package event

import "time"

// Type is a CloudEvents type such as dev.fairlead.workload.submitted.v1.
type Type string

// Stream names one of the streams of the log.
type Stream string

// The streams that events are kept in. Dead letters have a stream of their own
// (package stream), because what is in it need not be an event.
const (
	Intents    Stream = "INTENTS"
	Status     Stream = "STATUS"
	Capacity   Stream = "CAPACITY"
	Placements Stream = "PLACEMENTS"
)

// Payload is the data of an event: one of the generated types of this package,
// always as a pointer.
type Payload interface {
	// EventType is the type the data belongs to.
	EventType() Type
	// Validate says what the schema and the rules of the contract forbid. It is
	// the check of the hot path; foreign input also meets the JSON Schema.
	Validate() error
	// ScopeName is the cluster or tenant that the subject names; "" for the fleet.
	ScopeName() string
	// Entity is the CloudEvents subject: what the event is about.
	Entity() string
}

// Event is one CloudEvent with its data decoded.
type Event struct {
	ID          string    // unique with Source; the same on every retry
	Source      string    // who says it, for example /clusters/eu-1/agent
	Time        time.Time // the publisher's clock: shown, never decided on
	Data        Payload
	Trace       Trace  // where the trace started; never changed by a hop
	Causation   string // causationid: id of the event that led to this one
	Correlation string // correlationid: id of the first event of the chain
	At          At     // where it stands in the log; zero until it is stored

	// Extensions are further CloudEvents extension attributes by their lower-case
	// name, kept as they came: a publisher's own, or a signature. Nil when there
	// are none.
	Extensions map[string]string
}

// New gives an event of the payload. The caller sets the ID, the same on every
// retry, and what else it knows: this package has no clock and no chance.
func New(source string, p Payload) Event { return Event{Source: source, Data: p} }

// Trace is the W3C trace context that an event carries from its origin.
type Trace struct{ Parent, State string }

// At is a place in the log: a stream, the sequence in it and the time at which
// the store accepted it. It is not part of the event on the wire.
type At struct {
	Stream   Stream
	Sequence uint64
	Stored   time.Time
}

// Type is the CloudEvents type of the event.
func (e Event) Type() Type { return e.Data.EventType() }
