package placement

import (
	"maps"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// gates are the copies of the notes, by stream of facts.
type gates map[event.Stream]*gate

// count notes that the state is past a message.
func (all gates) count(m stream.Message) { all.of(m.At.Stream).pass(m) }

func (all gates) of(s event.Stream) *gate {
	if all[s] == nil {
		all[s] = &gate{}
	}
	return all[s]
}

// reader is a copy for whoever reads a stream on behind a sequence. Where the stream lost
// what was counted it begins anew.
func (all gates) reader(s event.Stream, behind uint64) *gate {
	g := all.of(s)
	if g.at > behind {
		return &gate{}
	}
	return &gate{at: g.at, now: g.now, due: maps.Clone(g.due)}
}

// begin takes an epoch's word on where the streams end: what was counted beyond is lost.
func (all gates) begin(at event.Positions) {
	for s, seq := range reads(at) {
		if all.of(s).at > seq {
			all[s] = &gate{}
		}
	}
}

// savedGate is how a gate lies in a checkpoint.
type savedGate struct {
	Stream event.Stream `json:"stream"`
	At     uint64       `json:"at"`
	Now    int64        `json:"now"`
	Due    []savedDue   `json:"due,omitempty"`
}

type savedDue struct {
	Who string `json:"who"`
	At  int64  `json:"at"`
}

// copied is in a fixed order, so that equal notes give equal bytes.
func (all gates) copied() []savedGate {
	var out []savedGate
	for _, s := range factStreams {
		g := all.of(s)
		g.forget()
		saved := savedGate{Stream: s, At: g.at, Now: g.now}
		for who, due := range g.due {
			saved.Due = append(saved.Due, savedDue{who, due})
		}
		slices.SortFunc(saved.Due, func(a, b savedDue) int { return strings.Compare(a.Who, b.Who) })
		out = append(out, saved)
	}
	return out
}

func restoreGates(saved []savedGate) gates {
	all := gates{}
	for _, in := range saved {
		g := &gate{at: in.At, now: in.Now, due: map[string]int64{}}
		for _, d := range in.Due {
			g.due[d.Who] = d.At
		}
		all[in.Stream] = g
	}
	return all
}
