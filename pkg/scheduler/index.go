package scheduler

import (
	"math"

	"fairlead.dev/pkg/event"
)

// An index keeps the clusters of one profile in order of score: a winner tree whose
// leaves are the clusters and whose inner nodes name the better of two. It is exact,
// so that decisions never depend on it: whatever may make a cluster better is in the
// change log and read before use, and what makes it worse shows when it wins.
type index struct {
	asks     *query // of nobody in particular
	anywhere bool   // leaves do not look at room

	cursor uint64   // changes up to here are in it
	scores []int64  // by number of cluster; closed if it takes nothing
	seen   []uint64 // turn in which a leaf was made anew
	turn   uint64
	wins   []int32 // wins[1] is the winner, wins[size+n] cluster n
	size   int     // leaves, a power of two
	hidden []hidden
	plan   uint64 // number of the steering plan it was made under
}

// hidden is a leaf that was taken out for the length of a decision.
type hidden struct {
	leaf  int
	score int64
}

// What a leaf says that takes nothing: closed by a check, which only a fact can change, or
// without room.
const (
	closed = math.MinInt64
	full   = math.MinInt64 + 1
)

// changeLog names the clusters that changed, oldest first.
type changeLog struct {
	first   uint64 // number of the oldest entry kept
	entries []change
}

// change is a cluster's number and whether more than its room changed.
type change struct {
	cluster int32
	facts   bool
}

func (l *changeLog) end() uint64 { return l.first + uint64(len(l.entries)) }

// note records that a cluster may be worth more than before to somebody.
func (t *tables) note(c *cluster, facts bool) {
	l := &t.log
	if len(l.entries) >= 1<<17 {
		half := len(l.entries) / 2
		l.entries = append(l.entries[:0], l.entries[half:]...)
		l.first += uint64(half)
	}
	l.entries = append(l.entries, change{int32(c.number), facts})
}

// current is the index with every change in it; was is nil or an older one.
func (s *State) current(was *index, asks *query, anywhere bool) *index {
	l, x := &s.known.log, was
	n := len(s.clusters.sorted)
	if x == nil || x.cursor < l.first || x.size < n || l.end()-x.cursor > uint64(n) || x.plan != s.steer.number {
		return s.newIndex(asks, anywhere)
	}
	x.turn += 2
	for _, ch := range l.entries[x.cursor-l.first:] {
		mark := x.turn
		if ch.facts {
			mark++
		}
		if x.seen[ch.cluster] < mark {
			x.seen[ch.cluster] = mark
			s.refresh(x, s.clusters.byNumber[ch.cluster], ch.facts)
		}
	}
	x.cursor = l.end()
	return x
}

func (s *State) newIndex(asks *query, anywhere bool) *index {
	size := 1
	for size < len(s.clusters.sorted) {
		size *= 2
	}
	x := &index{
		asks: asks, anywhere: anywhere, cursor: s.known.log.end(), size: size,
		scores: make([]int64, size), seen: make([]uint64, size), wins: make([]int32, 2*size), plan: s.steer.number,
	}
	for i := range size {
		x.scores[i], x.wins[size+i] = closed, int32(i)
	}
	for i, c := range s.clusters.byNumber {
		x.scores[i] = s.leaf(x, c)
	}
	for i := size - 1; i > 0; i-- {
		x.wins[i] = s.clusters.winner(x, x.wins[2*i], x.wins[2*i+1])
	}
	return x
}

// leaf is the score of a cluster for the next replica; closed if it takes none.
func (s *State) leaf(x *index, c *cluster) int64 {
	if !s.passes(x.asks, c, false) {
		return closed
	}
	return s.openLeaf(x, c)
}

func (s *State) openLeaf(x *index, c *cluster) int64 {
	if x.anywhere {
		return s.score(x.asks, c, spot{group: -1})
	}
	sp := c.freeRoom().bestSpot(x.asks, s.fine())
	if sp.group < 0 {
		return full
	}
	return s.score(x.asks, c, sp)
}

// refresh makes a leaf anew after a change.
func (s *State) refresh(x *index, c *cluster, facts bool) {
	was, now := x.scores[c.number], int64(closed)
	switch {
	case facts:
		now = s.leaf(x, c)
	case was == closed:
		return
	default:
		now = s.openLeaf(x, c)
	}
	if now != was {
		s.clusters.set(x, c.number, now)
	}
}

// set gives a leaf its score and lets the winners on its way be found again.
func (r *roster) set(x *index, leaf int, score int64) {
	x.scores[leaf] = score
	for i := (x.size + leaf) / 2; i > 0; i /= 2 {
		was := x.wins[i]
		x.wins[i] = r.winner(x, x.wins[2*i], x.wins[2*i+1])
		if x.wins[i] == was && int(was) != leaf {
			return // whoever won here goes on winning above as before
		}
	}
}

// winner is the better of two leaves: the higher score, then the name.
func (r *roster) winner(x *index, a, b int32) int32 {
	switch sa, sb := x.scores[a], x.scores[b]; {
	case sa > sb:
		return a
	case sb > sa:
		return b
	case sa == closed, r.order[a] < r.order[b]:
		return a
	}
	return b
}

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
	var out []*candidate
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
		cand := s.candidateUpTo(w, q, c, q.spec.Replicas)
		if cand.limit == 0 { // no room, or this workload alone is not welcome
			if misses--; misses < 0 {
				return nil, false
			}
			continue
		}
		out = append(out, &cand)
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

// maxTries is how many of the best clusters are asked whether they hold all replicas.
const maxTries = 64

// next takes the winner out of the index until show; nil if none has room.
func (s *State) next(x *index) *cluster {
	for {
		at := x.wins[1]
		if x.scores[at] <= full {
			return nil
		}
		c := s.clusters.byNumber[at]
		if score := s.leaf(x, c); score != x.scores[at] {
			s.clusters.set(x, c.number, score) // it became worse unnoticed
			continue
		}
		x.hidden = append(x.hidden, hidden{c.number, x.scores[at]})
		s.clusters.set(x, c.number, closed)
		return c
	}
}

// show puts back what next took out.
func (x *index) show(s *State) {
	for _, h := range x.hidden {
		s.clusters.set(x, h.leaf, h.score)
	}
	x.hidden = x.hidden[:0]
}
