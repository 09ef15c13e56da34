package logtail

import (
	"errors"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Item is one thing to show: an event, a gap or a record that cannot be read.
type Item struct {
	Event   *event.Event
	Gap     *stream.Gap
	Invalid *Unreadable
	stored  time.Time
}

// Unreadable is a record of the log that is no event.
type Unreadable struct {
	At     event.At
	Reason string // as in event.Invalid
	Detail string
}

func itemOf(m stream.Message) Item {
	e, err := m.Event()
	if err == nil {
		return Item{Event: &e, stored: m.At.Stored}
	}
	u := &Unreadable{At: m.At, Reason: "unreadable", Detail: err.Error()}
	if bad, ok := errors.AsType[*event.Invalid](err); ok {
		u.Reason, u.Detail = bad.Reason, bad.Detail
	}
	return Item{Invalid: u, stored: m.At.Stored}
}
