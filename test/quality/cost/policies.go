package cost

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
