package scheduler

import (
	"math"

	"fairlead.dev/pkg/event"
)

// An index keeps what the clusters are worth to one profile, and the best of every run
// of them: a score that rises costs a look at one run's best, the best of all a look at
// the best of all runs, and both lie close together in memory. A leaf, a cluster's score, is never
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
	best   []int64  // of each run of clusters, by number
	bestAt []int32  // the cluster
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

// run is how many clusters stand for one of which the best is known.
const run = 128

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
	runs := (len(s.clusters.sorted) + run) / run // there is a leaf for at least one that comes later
	x := &index{
		asks: asks, anywhere: anywhere, cursor: s.known.log.end(), fine: s.fine(), given: -1, plan: s.steer.number,
		scores: make([]int64, runs*run), made: make([]uint64, runs*run), best: make([]int64, runs), bestAt: make([]int32, runs),
	}
	x.looksAt(asks.weigh)
	for i := range x.scores {
		x.scores[i] = closed
	}
	for i, c := range s.clusters.byNumber {
		x.scores[i], x.made[i] = s.leaf(x, c), c.version
	}
	for i := range runs {
		s.clusters.rerun(x, i)
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

// set gives a leaf its score.
func (r *roster) set(x *index, leaf int32, score int64) {
	x.scores[leaf] = score
	i := leaf / run
	switch at := x.bestAt[i]; {
	case at != leaf && r.beats(score, leaf, x.best[i], at):
		x.best[i], x.bestAt[i] = score, leaf
	case at == leaf && score >= x.best[i]:
		x.best[i] = score
	case at == leaf:
		r.rerun(x, int(i))
	}
}

// rerun finds the best of a run.
func (r *roster) rerun(x *index, i int) {
	at, best := int32(i*run), x.scores[i*run]
	for k, score := range x.scores[i*run+1 : (i+1)*run] {
		if score >= best && r.beats(score, int32(i*run+k+1), best, at) {
			at, best = int32(i*run+k+1), score
		}
	}
	x.best[i], x.bestAt[i] = best, at
}

// top is the best of all.
func (r *roster) top(x *index) int32 {
	at, best := x.bestAt[0], x.best[0]
	for i, score := range x.best {
		if score >= best && r.beats(score, x.bestAt[i], best, at) {
			at, best = x.bestAt[i], score
		}
	}
	return at
}

// beats says whether one of two leaves is the better: the higher score, then the name.
func (r *roster) beats(score int64, leaf int32, than int64, other int32) bool {
	if score != than {
		return score > than
	}
	return score != closed && r.order[leaf] < r.order[other]
}
