package scheduler

import (
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// asksTies says whether where others stand matters to the workload at all. The index
// asks for nobody in particular: its answer is checked for the workload itself.
func (s *State) asksTies(q *query) bool {
	return q.of != nil && (isTied(&q.spec.Policy) || len(s.tied) > 0 && len(s.tied[q.of.id.Tenant]) > 0)
}

func asksNear(_ *State, q *query) bool  { return len(q.spec.Policy.Affinity) > 0 }
func asksAlong(_ *State, q *query) bool { return q.spec.Policy.Along != "" }
func asksApart(s *State, q *query) bool { return s.asksTies(q) && len(s.tiesOf(q, false).apart) > 0 }

// has says whether the cluster is in one of the places.
func (t *tie) has(c *cluster) bool { return c.report != nil && t.places[place(t.by, c.report)] }

func isNear(s *State, q *query, c *cluster) bool {
	return q.of == nil || !slices.ContainsFunc(s.tiesOf(q, false).near, func(t tie) bool { return !t.has(c) })
}

func isApart(s *State, q *query, c *cluster) bool {
	return !slices.ContainsFunc(s.tiesOf(q, false).apart, func(t tie) bool { return t.has(c) })
}

// staysApart is the same for what runs: it yields to older wishes alone.
func (s *State) staysApart(q *query, c *cluster) bool {
	return !slices.ContainsFunc(s.tiesOf(q, true).apart, func(t tie) bool { return t.has(c) })
}

func isAlong(s *State, q *query, c *cluster) bool {
	return q.of == nil || s.tiesOf(q, false).along[string(c.id)]
}

func tellNear(s *State, q *query, c *cluster) Check {
	for _, t := range s.tiesOf(q, false).near {
		if !t.has(c) {
			return Check{Message: fmt.Sprintf("not in a %s of %s, which %s", byWords(t.by), t.who, placesWords(t.places))}
		}
	}
	return Check{Message: fmt.Sprintf("%d conditions on the places of others met", len(q.spec.Policy.Affinity))}
}

func tellApart(s *State, q *query, c *cluster) Check {
	apart := s.tiesOf(q, false).apart
	for _, t := range apart {
		if t.has(c) {
			return Check{Message: fmt.Sprintf("in a %s of %s, which %s", byWords(t.by), t.who, placesWords(t.places))}
		}
	}
	return Check{Message: fmt.Sprintf("%d others are elsewhere", len(apart))}
}

func tellAlong(s *State, q *query, c *cluster) Check {
	leader, places := q.spec.Policy.Along, s.tiesOf(q, false).along
	return Check{Message: fmt.Sprintf("follows %s, which %s", leader, placesWords(places))}
}

func byWords(by string) string {
	if by == "" {
		return "cluster"
	}
	return by
}

func placesWords(places map[string]bool) string {
	if len(places) == 0 {
		return "stands nowhere"
	}
	return "is in " + list(slices.Sorted(maps.Keys(places)))
}

// copies says whether every cluster carries all replicas.
func copies(p *event.Policy) bool { return p.Strategy == event.StrategyDuplicate || p.Along != "" }
