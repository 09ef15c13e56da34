package placement

import (
	"fmt"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// gate bounds what one cluster or tenant may say in one stream, so that a flood of one
// costs the others next to nothing: what is beyond is not even decoded, and becomes a
// dead letter (event.TooMany).
//
// Its verdict hangs on the log alone: on the subjects, sizes and store times of the
// messages before, in the order of the stream. There are two copies for each stream. One
// is where the stream is read, and judges; the other is part of the notes, counts every
// message that the state is past, and lies in checkpoints, so that whoever reads on from
// there judges the same. A nil gate lets everything pass.
type gate struct {
	at  uint64 // sequence of the last message that was counted
	now int64  // largest store time of those, in µs since 1970
	// due is until when what somebody said is paid for by the time that passes, in µs
	// since 1970. Who is not in it owes nothing.
	due map[string]int64
}

// toll is what one message costs its publisher: so much of the time that passes. Who owes
// more than patience is not heard until less is owed.
type toll struct{ each, mebibyte, patience time.Duration }

// The tolls. They are far above what the runtime of package agent does at its worst: one
// capacity report a second, a status of every workload when it starts, a hello whenever it
// lost track, which it spaces by itself. A hello is dear, since its answer is the whole
// desired state of the cluster.
var (
	tollCapacity = toll{50 * time.Millisecond, 500 * time.Millisecond, time.Minute}  // 20/s, 1200 at once
	tollStatus   = toll{500 * time.Microsecond, 250 * time.Millisecond, time.Minute} // 2000/s, 120,000 at once
	tollWish     = toll{200 * time.Microsecond, 100 * time.Millisecond, time.Minute} // 5000/s, 300,000 at once
	tollHello    = toll{5 * time.Second, time.Second, 100 * time.Second}             // one in 5 s, 20 at once
)

// tolls are by stream and type, as the subject has it. What operators say is free.
var tolls = tollsOf(event.Catalog())

func tollsOf(catalog []event.Entry) map[event.Stream]map[string]toll {
	all := map[event.Stream]map[string]toll{event.Intents: {}, event.Status: {}, event.Capacity: {}}
	for _, row := range catalog {
		switch {
		case row.By != "operator" && all[row.Stream] != nil:
			all[row.Stream][row.Name] = tollFor(row.Stream, row.Scope)
		case all[row.Stream] != nil:
			all[row.Stream][row.Name] = toll{}
		}
	}
	return all
}

func tollFor(s event.Stream, scope event.Scope) toll {
	switch {
	case s == event.Capacity:
		return tollCapacity
	case s == event.Status:
		return tollStatus
	case scope == event.ScopeTenant:
		return tollWish
	}
	return tollHello
}

// mostPublishers bounds the memory of a gate where nobody is asked who they are: beyond it
// newcomers share one account.
const mostPublishers = 1 << 16

// sweep is after how many messages those are forgotten who owe nothing.
const sweep = 1 << 13

// pass counts a message and says whether it may be heard. One that was counted is not
// counted again.
func (g *gate) pass(m stream.Message) bool {
	if g == nil || m.At.Sequence <= g.at {
		return true
	}
	g.at, g.now = m.At.Sequence, max(g.now, m.At.Stored.UnixMicro())
	if g.at%sweep == 0 {
		g.forget()
	}
	who, t := publisherOf(m.At.Stream, m.Subject)
	if t.each == 0 {
		return true
	}
	return g.charge(who, t.each+t.mebibyte*time.Duration(weight(m))/(1<<20), t.patience)
}

// charge lets somebody owe more, unless that would be too much.
func (g *gate) charge(who string, cost, patience time.Duration) bool {
	due := max(g.due[who], g.now) + cost.Microseconds()
	if due-g.now > patience.Microseconds() {
		return false
	}
	g.owe(who, due)
	return true
}

func (g *gate) owe(who string, due int64) {
	if _, known := g.due[who]; !known && len(g.due) >= mostPublishers {
		who = ""
	}
	if g.due == nil {
		g.due = map[string]int64{}
	}
	g.due[strings.Clone(who)] = due
}

// forget drops those who owe nothing, which changes no verdict.
func (g *gate) forget() {
	for who, due := range g.due {
		if due <= g.now {
			delete(g.due, who)
		}
	}
}

// publisherOf is on whose subject a message stands, such as cluster.eu-1, and what that
// costs. A subject that none of the catalog's events has costs the most likely one.
func publisherOf(s event.Stream, subject string) (string, toll) {
	if len(subject) < len(event.Root)+len(s)+2 {
		return "", tollFor(s, event.ScopeCluster)
	}
	rest := subject[len(event.Root)+len(s)+2:]
	scope, tail, _ := strings.Cut(rest, ".")
	name, typ, _ := strings.Cut(tail, ".")
	if event.Scope(scope) == event.ScopeFleet {
		return "", toll{} // for operators alone
	}
	t, known := tolls[s][typ]
	if !known {
		t = tollFor(s, event.Scope(scope))
	}
	return rest[:min(len(scope)+1+len(name), len(rest))], t
}

// weight is about what a message takes on the wire.
func weight(m stream.Message) int {
	n := len(m.Data)
	for name, values := range m.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// tooMany is why a message is not heard.
func tooMany(m stream.Message) error {
	who, t := publisherOf(m.At.Stream, m.Subject)
	return &event.Invalid{Reason: event.TooMany, Detail: fmt.Sprintf(
		"%s says more than is heard of one: about one message in %s, or a MiB in %s, after the first %s of that", who, t.each, t.mebibyte, t.patience)}
}
