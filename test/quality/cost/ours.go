package cost

import (
	"fmt"
	"math"
	"os"

	"fairlead.dev/pkg/steering/solve"
)

type steered struct {
	reserve              float64 // share of capacity the plan does not count on
	grow                 float64
	quota                bool
	dual                 [][2]float64
	target               [][]float64
	tie, kappa, eps, phi float64
	lead                 bool // furthest behind quota first
	pivots, plans, bad   int
	shown                bool
}

func (p *steered) tick(w *world) {
	if p.plans == 1 && os.Getenv("FILL") != "" {
		p.show(w)
	}
	demand := make([]float64, len(w.classes))
	if p.phi == 0 {
		p.phi = 1
	}
	frozen := make([][]float64, len(w.classes))
	use := make([][2]float64, len(w.sites))
	for k, cl := range w.classes {
		demand[k] = float64(w.lost[k])
		frozen[k] = make([]float64, len(w.sites))
		for i, n := range w.standing[k] {
			demand[k] += float64(n) * p.phi
			frozen[k][i] = float64(n) * (1 - p.phi)
			use[i][0] += frozen[k][i] * float64(cl.need[0])
			use[i][1] += frozen[k][i] * float64(cl.need[1])
		}
	}
	refuse := func(k int) float64 {
		top := 0.0
		for i := range w.sites {
			top = max(top, float64(w.sites[i].rate(w.classes[k].need)))
		}
		return 3 * top
	}
	pr := w.problem(demand, refuse, true)
	for i := range pr.Capacity {
		for r := range pr.Capacity[i] {
			pr.Capacity[i][r] = max(0, pr.Capacity[i][r]*(1-p.reserve)-use[i][r])
		}
	}
	r := solve.Minimize(pr, 200_000)
	for k := range frozen {
		for i, v := range frozen[k] {
			r.Placed[k][i] += v
		}
	}
	p.pivots += r.Pivots
	p.plans++
	if !r.Optimal {
		p.bad++
	}
	p.dual = nil
	for i := range r.Dual {
		p.dual = append(p.dual, [2]float64{r.Dual[i][0], r.Dual[i][1]})
	}
	p.target = r.Placed
}

func (p *steered) show(w *world) {
	for i, s := range w.sites {
		var plan [2]float64
		for k, cl := range w.classes {
			plan[0] += p.target[k][i] * float64(cl.need[0])
			plan[1] += p.target[k][i] * float64(cl.need[1])
		}
		t := s.total()
		empty := 0
		for _, f := range w.free[i] {
			if f == s.shape {
				empty++
			}
		}
		fmt.Printf("%s nodes %3d shape %v price %v plan %5.1f %5.1f used %5.1f %5.1f empty %d dual %.0f %.0f\n", s.name, s.nodes, s.shape, s.price,
			100*plan[0]/float64(t[0]), 100*plan[1]/float64(t[1]), 100*float64(w.used[i][0])/float64(t[0]), 100*float64(w.used[i][1])/float64(t[1]), empty, p.dual[i][0], p.dual[i][1]*1024)
	}
}

// fragment is what of a node's free room an average machine cannot use.
func (w *world) fragment(f amount) (out [2]float64) {
	if w.mix == nil {
		w.mixup()
	}
	for _, m := range w.mix {
		n := min(f[0]/m.need[0], f[1]/m.need[1])
		out[0] += m.part * float64(f[0]-n*m.need[0])
		out[1] += m.part * float64(f[1]-n*m.need[1])
	}
	return out
}

// bestNode gives the node with the least value lost, and that value.
func (p *steered) bestNode(w *world, c int, need amount) (node int, lost float64) {
	node = -1
	low := math.Inf(1)
	d := p.dual[c]
	shape := w.sites[c].shape
	for n, f := range w.free[c] {
		if !need.fits(f) {
			continue
		}
		before := w.fragment(f)
		left := amount{f[0] - need[0], f[1] - need[1]}
		after := w.fragment(left)
		v := d[0]*(after[0]-before[0]) + d[1]*(after[1]-before[1])
		key := p.kappa*v + p.eps*(float64(left[0])/float64(shape[0])*(d[0]+1)*float64(need[0])+float64(left[1])/float64(shape[1])*(d[1]+1)*float64(need[1]))
		if key < low {
			node, low, lost = n, key, v
		}
	}
	return node, lost
}

func (p *steered) choose(w *world, k int) int {
	cl := &w.classes[k]
	best, low, node := -1, math.Inf(1), -1
	for i := range w.sites {
		if cl.allowed>>i&1 == 0 {
			continue
		}
		s := &w.sites[i]
		score := float64(s.rate(cl.need)) + p.dual[i][0]*float64(cl.need[0]) + p.dual[i][1]*float64(cl.need[1])
		if p.quota {
			if float64(w.standing[k][i])+0.5 > p.target[k][i] {
				score *= 1 + p.tie
			}
		}
		if p.kappa == 0 && !p.lead {
			if score < low && w.tightest(i, cl.need) >= 0 {
				best, low = i, score
			}
			continue
		}
		var n int
		var lost float64
		if p.kappa < 1e-9 {
			n = w.tightest(i, cl.need)
		} else {
			n, lost = p.bestNode(w, i, cl.need)
		}
		if n < 0 {
			continue
		}
		score += p.kappa * lost
		if p.lead {
			if behind := p.target[k][i] - float64(w.standing[k][i]); behind > 0 {
				score -= 1e12
			}
		}
		if score < low {
			best, low, node = i, score, n
		}
	}
	w.pick = node
	return best
}
