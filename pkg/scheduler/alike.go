package scheduler

import (
	"slices"
	"strconv"

	"fairlead.dev/pkg/event"
)

// Clusters that report the same facts are alike to a profile: it asks one of them the
// checks that look at nothing else, and adds up what its taints cost, for all of them.

// alike numbers the clusters that report the same facts.
type alike struct {
	number int32
	stamp  uint32 // of the tables that gave it; 0 if it is to be found out
}

// opinion is what a profile makes of clusters that are alike.
type opinion struct {
	formed   bool
	open     bool  // every check that is alike for them passes
	aversion int64 // what their PreferNoSchedule taints cost
}

// maxAlike is how many kinds of clusters are told apart at a time; what comes later is
// asked for itself until the tables begin anew.
const maxAlike = 1 << 16

// alike gives the number of the cluster's facts, -1 if there are too many.
func (t *tables) alike(c *cluster) int32 {
	if c.alike.stamp == t.stamp {
		return c.alike.number
	}
	t.key = appendFacts(t.key[:0], c.report)
	n, known := t.alikes[string(t.key)]
	switch {
	case known:
	case len(t.alikes) == maxAlike:
		n = -1
	default:
		n = int32(len(t.alikes))
		t.alikes[string(t.key)] = n
	}
	c.alike = alike{n, t.stamp}
	return n
}

// appendFacts writes what checks that are alike look at, without ambiguity. A fact that
// such a check looks at and that is missing here makes clusters alike that are not
// (TestAlikeWritesEveryFact lists all).
func appendFacts(b []byte, r *event.ClusterCapacityReported) []byte {
	b = strconv.AppendQuote(b, r.Orchestrator)
	b = strconv.AppendQuote(b, r.Region)
	for _, kind := range r.Kinds {
		b = strconv.AppendQuote(append(b, 'k'), string(kind))
	}
	for _, name := range r.Native {
		b = strconv.AppendQuote(append(b, 'n'), name)
	}
	for _, f := range r.Lacks {
		b = strconv.AppendQuote(append(b, 'l'), string(f))
	}
	for _, t := range r.Taints {
		b = strconv.AppendQuote(append(b, 't'), t.Key)
		b = strconv.AppendQuote(b, t.Value)
		b = strconv.AppendQuote(b, string(t.Effect))
	}
	return b
}

// opinion is what the query's profile makes of the cluster, which has reported.
func (s *State) opinion(q *query, c *cluster) opinion {
	n := s.known.alike(c)
	if n < 0 || q.fickle {
		return s.form(q, c)
	}
	p := q.profile
	if int(n) >= len(p.opinions) {
		p.opinions = append(p.opinions, make([]opinion, max(len(s.known.alikes), int(n)+1)-len(p.opinions))...)
	}
	o := &p.opinions[n]
	if !o.formed {
		*o = s.form(q, c)
	}
	return *o
}

func (s *State) form(q *query, c *cluster) opinion {
	open := !slices.ContainsFunc(q.common, func(ch *check) bool { return !ch.ok(s, q, c) })
	return opinion{formed: true, open: open, aversion: aversion(c.report, q.class)}
}

// welcomes says whether the cluster passes every check for new replicas.
func (s *State) welcomes(q *query, c *cluster) bool {
	for _, ch := range q.own {
		if (!ch.ties || ch.asked(s, q)) && !ch.ok(s, q, c) {
			return false
		}
	}
	return s.opinion(q, c).open
}
