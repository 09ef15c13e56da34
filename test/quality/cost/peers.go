package cost

import "math"

// mostAvailable is Karmada's: the cluster with room for the most of them.
type mostAvailable struct{}

func (mostAvailable) tick(*world) {}
func (mostAvailable) choose(w *world, k int) int {
	best, most := -1, int64(0)
	cl := w.classes[k]
	for i := range w.sites {
		if cl.allowed>>i&1 == 0 {
			continue
		}
		if n := w.count(i, cl.need); n > most {
			best, most = i, n
		}
	}
	return best
}

// cheapest is the cheapest cluster with room.
type cheapest struct{ order [][]int }

func (p *cheapest) tick(w *world) {
	if p.order != nil {
		return
	}
	for k := range w.classes {
		p.order = append(p.order, w.byRate(&w.classes[k]))
	}
}

func (p *cheapest) choose(w *world, k int) int {
	for _, i := range p.order[k] {
		if w.tightest(i, w.classes[k].need) >= 0 {
			return i
		}
	}
	return -1
}

// fittest is the cheapest, but where others cost about the same it takes the node with
// the least left over.
type fittest struct{ cheapest }

// near is how much dearer, in percent, counts as the same.
const near = 5

func (p *fittest) choose(w *world, k int) int {
	need, best, limit, least := w.classes[k].need, -1, int64(math.MaxInt64), int64(math.MaxInt64)
	for _, i := range p.order[k] {
		rate := w.sites[i].rate(need)
		if rate > limit {
			break
		}
		n := w.tightest(i, need)
		if n < 0 {
			continue
		}
		if best < 0 {
			limit = rate + rate*near/100
		}
		f, shape := w.free[i][n], w.sites[i].shape
		if left := (f[0]-need[0])*1_000_000/shape[0] + (f[1]-need[1])*1_000_000/shape[1]; left < least {
			best, least = i, left
		}
	}
	return best
}
