package placement

import (
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// fact is one event that was read, with its length on the wire.
type fact struct {
	event.Event
	size int
}

// facts is what a reader got from one stream, in order. Messages that are no event
// for us are not in it, but through counts them.
type facts struct {
	stream  event.Stream
	events  []fact
	through uint64 // sequence of the last message read, good or bad
}

func (f facts) step(l *loop) {
	for _, e := range f.events {
		if e.At.Sequence <= l.read[f.stream] {
			continue // read before: a reader that came back after a reconnect
		}
		l.see(e.At.Stored)
		l.newest[f.stream] = e.At.Stored
		apply(l.state, l.notes, e)
	}
	l.state.Skip(event.At{Stream: f.stream, Sequence: f.through})
	l.read[f.stream] = max(l.read[f.stream], f.through)
	l.watch.applied[f.stream].Store(l.read[f.stream])
}

// letter is a message that is no event for us, and why.
type letter struct {
	message stream.Message
	why     error
}

// sift decodes messages of a stream and parts them into facts and dead letters.
func sift(s event.Stream, messages []stream.Message) (facts, []letter) {
	f := facts{stream: s, events: make([]fact, 0, len(messages))}
	var dead []letter
	for _, m := range messages {
		e, err := event.Decode(m.Subject, m.Header, m.Data, m.At)
		if err != nil {
			dead = append(dead, letter{m, err})
		} else {
			f.events = append(f.events, fact{e, len(m.Data)})
		}
		f.through = max(f.through, m.At.Sequence)
	}
	return f, dead
}
