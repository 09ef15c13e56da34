package scheduler

import (
	"math"

	"fairlead.dev/pkg/event"
)

// An index keeps what the clusters are worth to one profile, and who wins among them
// (winners.go). A leaf, a cluster's score, is never below what the cluster is worth:
// whatever may make it better is in the change log (changes.go) and read before use. What
// makes it worse shows when it wins, if not before: then it is rated again. So what is
// taken off an index is exact, and decisions never depend on what an index knew before.
type index struct {
	asks     *query // of nobody in particular
	anywhere bool   // leaves do not look at room
	sums     bool   // they look at what is free in sum,
	seats    bool   // at how many workloads the cluster has,
	contrary bool   // and one of the two makes the better what it makes smaller

	cursor uint64   // changes up to here are in it
	scores []int64  // by number of cluster; closed if it takes nothing
	made   []uint64 // version of the cluster that its score is exact for; below it is a bound
	rounds []round  // the winners among them
	fine   bool     // leaves rate every node finely
	given  int32    // the winner that next gave last, still in its place; -1 if there is none
	hidden []hidden
	plan   uint64 // number of the steering plan it was made under
	used   uint64 // number of the change it was used at last
	live   bool   // it is among those that follow every change
}

// hidden is a leaf that was taken out for the length of a decision.
type hidden struct {
	leaf  int32
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
	if x == nil || !s.follows(x) {
		x = s.newIndex(asks, anywhere)
	}
	x.used = l.end()
	if !x.live && !s.fine() {
		x.live = true
		s.known.live = append(s.known.live, x)
	}
	for entries := l.entries[x.cursor-l.first:]; len(entries) > 0; entries = entries[1:] {
		s.follow(x, &entries[0])
	}
	x.cursor = l.end()
	return x
}

func (s *State) newIndex(asks *query, anywhere bool) *index {
	leaves := (len(s.clusters.sorted) + fan) / fan * fan // one at least for a cluster that comes later
	x := &index{
		asks: asks, anywhere: anywhere, cursor: s.known.log.end(), fine: s.fine(), given: -1, plan: s.steer.number,
		scores: make([]int64, leaves), made: make([]uint64, leaves), rounds: rounds(leaves),
	}
	x.looksAt(asks.weigh)
	for i := range x.scores {
		x.scores[i] = closed
	}
	for i, c := range s.clusters.byNumber {
		x.scores[i], x.made[i] = s.leaf(x, c), c.version
	}
	s.clusters.rank(x)
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
		s.clusters.set(x, int32(c.number), now)
	}
}

// confirmed is what the winner is worth now. Where nothing but checks can have changed it
// is taken as it is: whoever makes a candidate of it asks them anyhow, and says so where
// they fail (see shuts).
func (s *State) confirmed(x *index, c *cluster) int64 {
	if x.made[c.number] == c.version && !s.isSteered(x.asks) {
		return x.scores[c.number]
	}
	if !s.passes(x.asks, c, false) {
		return closed
	}
	x.made[c.number] = c.version
	return s.openLeaf(x, c)
}
