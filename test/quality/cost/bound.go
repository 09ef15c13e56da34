package cost

import (
	"fairlead.dev/pkg/steering/solve"
)

// problem is the linear program of one slice: machines per class are divisible and
// may move at will, nodes of a cluster are one pool.
func (s *scenario) problem(demand []float64, refuse func(k int) float64, priced bool) *solve.Problem {
	p := &solve.Problem{Demand: demand}
	for k, cl := range s.classes {
		p.Use = append(p.Use, []float64{float64(cl.need[0]), float64(cl.need[1])})
		p.Refuse = append(p.Refuse, refuse(k))
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

// bound is the least cost of what was placed, and the share of the demand that no
// policy can place.
func (s *scenario) bound(served [][]float64) (cost float64, left float64) {
	for _, d := range served {
		demand := make([]float64, len(d))
		for k, v := range d {
			demand[k] = v / slice
		}
		r := solve.Minimize(s.problem(demand, func(k int) float64 { return 100 * s.worthOf(k) }, true), 1_000_000)
		for k, v := range r.Refused {
			left += v * s.worthOf(k)
			r.Value -= v * 100 * s.worthOf(k)
		}
		cost += r.Value * slice / 3600
	}
	return cost, left
}

func (s *scenario) worthSum(m [][]float64) (out float64) {
	for k := range s.classes {
		v := s.worthOf(k)
		for _, d := range m {
			out += v * d[k] / slice
		}
	}
	return out
}
