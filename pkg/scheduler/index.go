package scheduler

import (
	"math"

	"fairlead.dev/pkg/event"
)

// An index keeps the clusters of one profile in order of score: a winner tree whose
// leaves are the clusters and whose inner nodes name the better of two. A leaf is never
// below what the cluster is worth: whatever may make it better is in the change log
// (changes.go) and read before use. What makes it worse shows when it wins: then it is
// rated again. So what is taken off an index is exact, and decisions never depend on
// what an index knew before.
type index struct {
	asks     *query // of nobody in particular
	anywhere bool   // leaves do not look at room
	sums     bool   // they look at what is free in sum,
	seats    bool   // at how many workloads the cluster has,
	contrary bool   // and one of the two makes the better what it makes smaller

	cursor uint64   // changes up to here are in it
	scores []int64  // by number of cluster; closed if it takes nothing
	made   []uint64 // version of the cluster that its score is exact for; below it is a bound
	wins   []int32  // wins[1] is the winner, wins[size+n] cluster n
	size   int      // leaves, a power of two
	given  int32    // the winner that next gave last, still in its place; -1 if there is none
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

// current is the index with every change in it; was is nil or an older one.
func (s *State) current(was *index, asks *query, anywhere bool) *index {
	l, x := &s.known.log, was
	n := len(s.clusters.sorted)
	if x == nil || x.cursor < l.first || x.size < n || l.end()-x.cursor > uint64(changesWorth*n+1024) || x.plan != s.steer.number {
		return s.newIndex(asks, anywhere)
	}
	for entries := l.entries[x.cursor-l.first:]; len(entries) > 0; entries = entries[1:] {
		s.follow(x, &entries[0])
	}
	x.cursor = l.end()
	return x
}

// changesWorth is how many changes cost as much to read as one cluster costs to be rated.
const changesWorth = 8

func (s *State) newIndex(asks *query, anywhere bool) *index {
	size := 1
	for size < len(s.clusters.sorted) {
		size *= 2
	}
	x := &index{
		asks: asks, anywhere: anywhere, cursor: s.known.log.end(), size: size,
		scores: make([]int64, size), made: make([]uint64, size), wins: make([]int32, 2*size), given: -1, plan: s.steer.number,
	}
	x.looksAt(asks.weigh)
	for i := range size {
		x.scores[i], x.wins[size+i] = closed, int32(i)
	}
	for i, c := range s.clusters.byNumber {
		x.scores[i], x.made[i] = s.leaf(x, c), c.version
	}
	for i := size - 1; i > 0; i-- {
		x.wins[i] = s.clusters.winner(x, x.wins[2*i], x.wins[2*i+1])
	}
	return x
}

// looksAt notes which changes matter to an index.
func (x *index) looksAt(w *weighing) {
	for _, p := range w.parts {
		switch p.name {
		case event.ScoreHeadroom, event.ScoreFreeCPU, event.ScoreFreeMemory, event.ScoreFreeGPU:
			x.sums = true
		case event.ScoreBalance:
			x.seats = true
		default:
			continue
		}
		x.contrary = x.contrary || p.weight < 0
	}
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
	now := int64(closed)
	if facts {
		now = s.leaf(x, c)
	} else {
		now = s.openLeaf(x, c)
	}
	x.made[c.number] = c.version
	if now != x.scores[c.number] {
		s.clusters.set(x, c.number, now)
	}
}

// confirmed is what the winner is worth now.
func (s *State) confirmed(x *index, c *cluster) int64 {
	if !s.passes(x.asks, c, false) {
		return closed
	}
	if x.made[c.number] == c.version && !s.isSteered(x.asks) {
		return x.scores[c.number]
	}
	x.made[c.number] = c.version
	return s.openLeaf(x, c)
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
