package cost

import (
	"fairlead.dev/pkg/steering/solve"
)

// problem is the linear program of one slice: machines per class are divisible and
// may move at will, nodes of a cluster are one pool.
func (s *scenario) problem(demand []float64, priced bool) *solve.Problem {
	p := &solve.Problem{Demand: demand}
	for k, cl := range s.classes {
		p.Use = append(p.Use, []float64{float64(cl.need[0]), float64(cl.need[1])})
		p.Refuse = append(p.Refuse, dearness*s.worthOf(k))
		cost := make([]float64, len(s.sites))
		for i := range s.sites {
			switch {
			case cl.allowed>>i&1 == 0:
				cost[i] = solve.Barred
			case priced:
				cost[i] = float64(s.sites[i].rate(cl.need))
			}
		}
		p.Cost = append(p.Cost, cost)
	}
	for i := range s.sites {
		t := s.sites[i].total()
		p.Capacity = append(p.Capacity, []float64{float64(t[0]), float64(t[1])})
	}
	return p
}

// worthOf is a machine's size in money, at the mean prices of the fleet.
func (s *scenario) worthOf(k int) float64 {
	var price, all [2]float64
	for i := range s.sites {
		t := s.sites[i].total()
		for r := range t {
			price[r] += float64(t[r]) * float64(s.sites[i].price[r])
			all[r] += float64(t[r])
		}
	}
	need := s.classes[k].need
	return float64(need[0])*price[0]/all[0] + float64(need[1])*price[1]/all[1]
}

// bound is the least cost of what was placed.
func (s *scenario) bound(served [][]float64) (cost float64) {
	for _, d := range served {
		r := solve.Minimize(s.problem(machines(d), true), pivots)
		cost += (r.Value - s.refused(&r)*dearness) * slice / 3600
	}
	return cost
}

// unplaceable is how much of what was demanded no policy can place, in worth.
func (s *scenario) unplaceable(demanded [][]float64) (out float64) {
	for _, d := range demanded {
		r := solve.Minimize(s.problem(machines(d), false), pivots)
		out += s.refused(&r)
	}
	return out
}

const (
	// dearness is how many times its worth it costs to leave a machine out: no
	// saving is as much.
	dearness = 100
	pivots   = 1_000_000
)

// machines are the mean numbers of a slice.
func machines(seconds []float64) []float64 {
	out := make([]float64, len(seconds))
	for k, v := range seconds {
		out[k] = v / slice
	}
	return out
}

func (s *scenario) refused(r *solve.Result) (out float64) {
	for k, v := range r.Refused {
		out += v * s.worthOf(k)
	}
	return out
}

// worthSum is the worth of so many machine-seconds.
func (s *scenario) worthSum(m [][]float64) (out float64) {
	for k := range s.classes {
		v := s.worthOf(k)
		for _, d := range m {
			out += v * d[k] / slice
		}
	}
	return out
}
