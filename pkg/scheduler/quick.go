package scheduler

import "fairlead.dev/pkg/event"

// patience is how many clusters without room are passed over in an index that does not
// look at room, before one is asked that does.
const patience = 16

// quick gives candidates in order of score until they can hold all replicas: one each
// to spread, up to one that holds all to pack. It is nil where an order by score does not tell
// all, and where the clusters that have room are too few: then a look at all of them
// decides.
func (s *State) quick(w *workload, q *query) []*candidate {
	p := &q.spec.Policy
	n := q.spec.Replicas
	if !q.simple || s.trial != nil || len(w.seats) > 0 || n == 0 || p.Strategy != event.StrategyPack && p.MaxClusters > 0 && n > p.MaxClusters {
		return nil
	}
	if f := q.family; f != nil && !s.isSteered(q) && (f.anywhere || !s.fine()) {
		f.index = s.current(f.index, f.asks, f.anywhere)
		if out, enough := s.pick(w, q, f.index, patience); enough {
			return out
		}
	}
	q.index = s.current(q.index, q.asks, false)
	out, _ := s.pick(w, q, q.index, len(s.clusters.sorted))
	return out
}

// pick takes candidates off an index; false if more than so many clusters had no room,
// nil if all of them together have too little.
func (s *State) pick(w *workload, q *query, x *index, misses int) ([]*candidate, bool) {
	pack := q.spec.Policy.Strategy == event.StrategyPack
	out := s.picked.some[:0]
	least := 0
	if q.family != nil && !s.isSteered(q) && !q.family.anywhere && !s.fine() {
		least = shortlist
	}
	defer x.show(s)
	for left := q.spec.Replicas; left > 0 || len(out) < least; {
		c := s.next(x)
		if c == nil && left > 0 {
			return nil, true
		}
		if c == nil {
			break
		}
		cand := s.picked.add(len(out))
		*cand = s.candidateUpTo(w, q, c, q.spec.Replicas)
		if cand.limit == 0 { // no room, or this workload alone is not welcome
			if s.shuts(x, c) {
				continue
			}
			if misses--; misses < 0 {
				return nil, false
			}
			continue
		}
		out = append(out, cand)
		switch {
		case !pack:
			left--
		case cand.limit >= q.spec.Replicas:
			left = 0 // the best one that holds all
		case left > 0 && len(out) == maxTries:
			return nil, true // the roomiest will have to share
		}
	}
	return out, true
}

// picked is room for the candidates of one decision, kept for the next.
type picked struct {
	all  [shortlist]candidate
	some [shortlist]*candidate
}

// add is a place for one more beside n.
func (p *picked) add(n int) *candidate {
	if n < len(p.all) {
		return &p.all[n]
	}
	return new(candidate)
}

// maxTries is how many of the best clusters are asked whether they hold all replicas.
const maxTries = 64

// next takes the winner out of the index until show; nil if none has room. It goes
// only once another one is asked for, which is rare.
func (s *State) next(x *index) *cluster {
	if x.given >= 0 { // only now that another one is asked for
		x.hidden = append(x.hidden, hidden{x.given, x.scores[x.given]})
		s.clusters.set(x, x.given, closed)
		x.given = -1
	}
	for {
		at := s.clusters.top(x)
		if x.scores[at] <= full {
			return nil
		}
		c := s.clusters.byNumber[at]
		if score := s.confirmed(x, c); score != x.scores[at] {
			s.clusters.set(x, at, score) // it became worse
			continue
		}
		x.given = at
		return c
	}
}

// shuts says whether the cluster that was given last fails a check, and closes it then.
func (s *State) shuts(x *index, c *cluster) bool {
	if s.passes(x.asks, c, false) {
		return false
	}
	s.clusters.set(x, x.given, closed)
	x.given = -1
	return true
}

// show puts back what next took out.
func (x *index) show(s *State) {
	for _, h := range x.hidden {
		s.clusters.set(x, h.leaf, h.score)
	}
	x.hidden, x.given = x.hidden[:0], -1
}
