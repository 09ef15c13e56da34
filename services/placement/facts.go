package placement

import (
	"runtime"
	"sync"

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
	said    []stream.Message // all of them, good or bad, to be counted
	through uint64           // sequence of the last message read, good or bad
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
	for _, m := range f.said {
		l.notes.gates.count(m)
	}
	l.state.Skip(event.At{Stream: f.stream, Sequence: f.through})
	l.read[f.stream] = max(l.read[f.stream], f.through)
	l.watch.applied[f.stream].Store(l.read[f.stream])
}

// heard is a message with what it says: an event, or why it is none for us.
type heard struct {
	stream.Message
	event event.Event
	err   error
}

// partSize is how many messages are worth a goroutine.
const partSize = 128

// hear decodes the messages that the gate lets pass, several at a time where there are
// many: before it leads, an instance does little else.
func hear(messages []stream.Message, g *gate) []heard {
	all := make([]heard, len(messages))
	for i, m := range messages {
		if all[i].Message = m; !g.pass(m) {
			all[i].err = tooMany(m)
		}
	}
	size := max(partSize, (len(all)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for from := 0; from < len(all); from += size {
		to := min(from+size, len(all))
		part := func() {
			for i := from; i < to; i++ {
				if all[i].err == nil {
					all[i].event, all[i].err = messages[i].Event()
				}
			}
		}
		if to == len(all) {
			part()
		} else {
			group.Go(part)
		}
	}
	group.Wait()
	return all
}

// letter is a message that is no event for us, and why.
type letter struct {
	message stream.Message
	why     error
}

// sift parts messages of a stream into facts and dead letters.
func sift(s event.Stream, messages []heard) (facts, []letter) {
	f := facts{stream: s, events: make([]fact, 0, len(messages)), said: make([]stream.Message, 0, len(messages))}
	var dead []letter
	for _, m := range messages {
		if m.err != nil {
			dead = append(dead, letter{m.Message, m.err})
		} else {
			f.events = append(f.events, fact{m.event, len(m.Data)})
		}
		f.said = append(f.said, m.Message)
		f.through = max(f.through, m.At.Sequence)
	}
	return f, dead
}
