package fairlead

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
)

// jsonEvent is an event as the command line prints it: a CloudEvent in its JSON
// form, with its place in the log in the sequence extension, whatever the content
// mode on the wire was.
type jsonEvent struct {
	SpecVersion     string        `json:"specversion"`
	ID              string        `json:"id"`
	Source          string        `json:"source"`
	Type            event.Type    `json:"type"`
	Subject         string        `json:"subject,omitempty"`
	Time            string        `json:"time,omitempty"`
	Sequence        string        `json:"sequence,omitempty"` // 20 digits, so that it sorts as text
	Correlation     string        `json:"correlationid,omitempty"`
	Causation       string        `json:"causationid,omitempty"`
	TraceParent     string        `json:"traceparent,omitempty"`
	TraceState      string        `json:"tracestate,omitempty"`
	DataContentType string        `json:"datacontenttype"`
	Data            event.Payload `json:"data"`
}

func asJSON(e event.Event) jsonEvent {
	j := jsonEvent{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Type(), Subject: e.Data.Entity(),
		Correlation: e.Correlation, Causation: e.Causation, TraceParent: e.Trace.Parent, TraceState: e.Trace.State,
		DataContentType: "application/json", Data: e.Data,
	}
	if !e.Time.IsZero() {
		j.Time = e.Time.UTC().Format(time.RFC3339Nano)
	}
	if e.At.Sequence > 0 {
		j.Sequence = fmt.Sprintf("%020d", e.At.Sequence)
	}
	return j
}
