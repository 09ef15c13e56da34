package scheduler

// A winner tree over the leaves of an index: in the first round every fan of them has
// its best, in the next every fan of those, up to a last round that is looked through.
// A leaf that changes costs a look at its fan in each round, and only as far up as it
// is or becomes the best: entries that are looked at together lie together in memory.
const (
	fanBits = 5
	fan     = 1 << fanBits
)

// round are the best of every fan of entries of the round before.
type round struct {
	best []int64
	leaf []int32 // whose score that is
}

// rounds has room for the winners among so many leaves.
func rounds(leaves int) []round {
	var out []round
	for n := (leaves + fan - 1) >> fanBits; ; n = (n + fan - 1) >> fanBits {
		out = append(out, round{best: make([]int64, n), leaf: make([]int32, n)})
		if n <= fan {
			return out
		}
	}
}

// rank finds all winners anew.
func (r *roster) rank(x *index) {
	for k := range x.rounds {
		for i := range x.rounds[k].best {
			r.rerun(x, k, i)
		}
	}
}

// set gives a leaf its score.
func (r *roster) set(x *index, leaf int32, score int64) {
	x.scores[leaf] = score
	entry, changed := leaf, leaf // of the round below, and the leaf it stands for
	for k := range x.rounds {
		t := &x.rounds[k]
		i := entry >> fanBits
		was := t.leaf[i]
		switch {
		case r.beats(score, changed, t.best[i], was):
			t.best[i], t.leaf[i] = score, changed
		case was>>(fanBits*k) != entry:
			return // another one is the best, and stays it
		case changed != was || score != t.best[i]:
			r.rerun(x, k, int(i))
		default:
			return
		}
		score, changed, entry = t.best[i], t.leaf[i], i
	}
}

// rerun finds the best of a fan.
func (r *roster) rerun(x *index, k, i int) {
	t := &x.rounds[k]
	from := i << fanBits
	if k == 0 {
		t.best[i], t.leaf[i] = r.bestLeaf(x.scores[from:from+fan], int32(from))
		return
	}
	below := &x.rounds[k-1]
	to := min(from+fan, len(below.best))
	t.best[i], t.leaf[i] = r.bestOf(below.best[from:to], below.leaf[from:to])
}

// top is the best of all.
func (r *roster) top(x *index) int32 {
	last := &x.rounds[len(x.rounds)-1]
	_, leaf := r.bestOf(last.best, last.leaf)
	return leaf
}

func (r *roster) bestLeaf(scores []int64, first int32) (best int64, at int32) {
	best, at = scores[0], first
	for k, score := range scores[1:] {
		if score >= best && r.beats(score, first+int32(k)+1, best, at) {
			best, at = score, first+int32(k)+1
		}
	}
	return best, at
}

func (r *roster) bestOf(scores []int64, leaves []int32) (best int64, at int32) {
	best, at = scores[0], leaves[0]
	for k, score := range scores[1:] {
		if score >= best && r.beats(score, leaves[k+1], best, at) {
			best, at = score, leaves[k+1]
		}
	}
	return best, at
}

// beats says whether one of two leaves is the better: the higher score, then the name.
func (r *roster) beats(score int64, leaf int32, than int64, other int32) bool {
	if score != than {
		return score > than
	}
	return score != closed && r.order[leaf] < r.order[other]
}
