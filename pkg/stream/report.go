package stream

import (
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Report is what Setup and Check found, one part for each stream and store.
type Report struct{ Parts []Part }

// Part is one stream or store.
type Part struct {
	Name        string
	Created     bool     // Setup made it just now
	Missing     bool     // it does not exist
	Differences []string // settings other than the topology's, in words
}

// Ready says that everything exists. Differences do not make a log unusable, or
// an operator could not tune it.
func (r Report) Ready() bool { return r.missing() == "" }

// Same says that everything exists with the settings of the topology.
func (r Report) Same() bool {
	for _, p := range r.Parts {
		if p.Missing || len(p.Differences) > 0 {
			return false
		}
	}
	return true
}

func (r Report) missing() string {
	var names []string
	for _, p := range r.Parts {
		if p.Missing {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, ", ")
}

// String is one line for each part.
func (r Report) String() string {
	var b strings.Builder
	for _, p := range r.Parts {
		fmt.Fprintf(&b, "%s: %s\n", p.Name, p.verdict())
	}
	return b.String()
}

func (p Part) verdict() string {
	switch {
	case p.Missing:
		return "missing"
	case p.Created:
		return "created"
	case len(p.Differences) > 0:
		return strings.Join(p.Differences, "; ")
	}
	return "as it should be"
}

// setting is one field of a stream that matters to Fairlead.
type setting struct {
	name string
	of   func(jetstream.StreamConfig) any
}

var settings = []setting{
	{"subjects", func(c jetstream.StreamConfig) any { return c.Subjects }},
	{"retention", func(c jetstream.StreamConfig) any { return c.Retention }},
	{"discard", func(c jetstream.StreamConfig) any { return c.Discard }},
	{"storage", func(c jetstream.StreamConfig) any { return c.Storage }},
	{"replicas", func(c jetstream.StreamConfig) any { return c.Replicas }},
	{"persistence", func(c jetstream.StreamConfig) any { return c.PersistMode }},
	{"maximum age", func(c jetstream.StreamConfig) any { return c.MaxAge }},
	{"maximum bytes", func(c jetstream.StreamConfig) any { return c.MaxBytes }},
	{"maximum messages", func(c jetstream.StreamConfig) any { return c.MaxMsgs }},
	{"maximum messages per subject", func(c jetstream.StreamConfig) any { return c.MaxMsgsPerSubject }},
	{"maximum message size", func(c jetstream.StreamConfig) any { return c.MaxMsgSize }},
	{"maximum consumers", func(c jetstream.StreamConfig) any { return c.MaxConsumers }},
	{"duplicate window", func(c jetstream.StreamConfig) any { return c.Duplicates }},
	{"atomic publish", func(c jetstream.StreamConfig) any { return c.AllowAtomicPublish }},
	{"direct get", func(c jetstream.StreamConfig) any { return c.AllowDirect }},
	{"message TTL", func(c jetstream.StreamConfig) any { return c.AllowMsgTTL }},
	{"rollup", func(c jetstream.StreamConfig) any { return c.AllowRollup }},
	{"sources", func(c jetstream.StreamConfig) any { return len(c.Sources) }},
	{"mirror", func(c jetstream.StreamConfig) any { return c.Mirror != nil }},
	{"sealed", func(c jetstream.StreamConfig) any { return c.Sealed }},
}

func compare(name string, want, found jetstream.StreamConfig) Part {
	part := Part{Name: name}
	for _, s := range settings {
		w, f := fmt.Sprint(s.of(want)), fmt.Sprint(s.of(found))
		if w != f {
			part.Differences = append(part.Differences, fmt.Sprintf("%s is %s, should be %s", s.name, f, w))
		}
	}
	return part
}
