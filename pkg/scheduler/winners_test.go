package scheduler

import (
	"math/rand/v2"
	"testing"
)

// TestWinners sets leaves of trees of several heights at random, with many ties, and holds
// the winner against a look at all of them.
func TestWinners(t *testing.T) {
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, seed))
	for _, n := range []int{1, fan - 1, fan, 3 * fan, fan*fan + 1, 2*fan*fan + 7} {
		r := &roster{order: make([]int32, n)}
		for i, place := range rng.Perm(n) {
			r.order[i] = int32(place)
		}
		leaves := (n + fan) / fan * fan
		x := &index{scores: make([]int64, leaves), rounds: rounds(leaves)}
		for i := range x.scores {
			x.scores[i] = closed
		}
		r.rank(x)
		for range 4000 {
			score := int64(rng.IntN(6))
			if rng.IntN(4) == 0 {
				score = closed
			}
			r.set(x, int32(rng.IntN(n)), score)
			best := int32(0)
			for i := range n {
				if r.beats(x.scores[i], int32(i), x.scores[best], best) {
					best = int32(i)
				}
			}
			if got := r.top(x); got != best && (x.scores[got] != closed || x.scores[best] != closed) {
				t.Fatalf("seed %d, %d leaves: %d wins with %d, want %d with %d", seed, n, got, x.scores[got], best, x.scores[best])
			}
		}
	}
}
