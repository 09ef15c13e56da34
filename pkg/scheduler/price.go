package scheduler

import (
	"math/bits"
	"slices"

	"fairlead.dev/pkg/event"
)

// gib is the unit in which memory has its price.
const gib = 1 << 30

// rates are the prices an operator set for the cluster, else those its agent reports.
func (c *cluster) rates() []event.Price {
	if set := c.known.prices[c.id]; set != nil {
		return set.Prices
	}
	return c.reportedPrices()
}

// reportedPrices are those its agent reports.
func (c *cluster) reportedPrices() []event.Price {
	if c.report == nil {
		return nil
	}
	return c.report.Prices
}

// repriced forgets what hangs on the prices of a cluster. What everything costs at
// most changes with them, so every score is made anew.
func (s *State) repriced(id event.ClusterID) {
	was := s.reference()
	s.dearest = nil
	if s.reference() != was {
		s.known.forget()
	}
	if c := s.clusters.byName[id]; c != nil {
		c.dropRoom()
		c.inPlan = inPlan{}
		s.improved(c)
	}
}

// reference is the dearest price of each resource in the fleet: the scale on which
// the price part of a score is measured.
func (s *State) reference() event.Price {
	if s.dearest == nil {
		s.dearest = &event.Price{}
		for _, c := range s.clusters.sorted {
			for _, p := range c.rates() {
				s.dearest.CPU = max(s.dearest.CPU, p.CPU)
				s.dearest.Memory = max(s.dearest.Memory, p.Memory)
				s.dearest.GPU = max(s.dearest.GPU, p.GPU)
			}
		}
	}
	return *s.dearest
}

// cost is the price of one replica in micro-units per hour, rounded up, held at the
// largest number an event can carry.
func cost(r event.Resources, p *event.Price) int64 {
	sum := addCost(0, r.CPUMilli, p.CPU, 1000)
	sum = addCost(sum, r.MemoryBytes, p.Memory, gib)
	return addCost(sum, r.GPUMilli, p.GPU, 1000)
}

// addCost gives sum + amount·price/unit, rounded up.
func addCost(sum, amount, price int64, unit uint64) int64 {
	hi, lo := bits.Mul64(uint64(max(0, amount)), uint64(max(0, price)))
	if hi >= unit {
		return event.MaxInteger
	}
	out, rest := bits.Div64(hi, lo, unit)
	if rest > 0 {
		out++
	}
	if out > event.MaxInteger {
		return event.MaxInteger
	}
	return min(event.MaxInteger, sum+int64(out))
}

// cheapness is a million where the replica costs nothing and 0 at the dearest price
// of the fleet, or where no price is known.
func (w *weighing) cheapness(cl *class, p *event.Price) int64 {
	if p == nil || w.price == 0 {
		return 0
	}
	most := cost(cl.request, &w.reference)
	if most == 0 {
		return million
	}
	return million - share(cost(cl.request, p), most)
}

// affordable says whether the shape's price keeps to the cap of the class. Under a
// cap, what has no price is refused.
func (s *shapeRoom) affordable(cl *class) bool {
	return cl.maxPrice == 0 || s.price != nil && cost(cl.request, s.price) <= cl.maxPrice
}

// price notes what the replicas that stay cost: those that leave are paid for by their
// replacement, so that a move is no reason to ask for more.
func (s *State) price(c *cluster, request event.Resources, a *event.Assignment) {
	if c.report == nil || s.reference() == (event.Price{}) {
		return
	}
	stay := a.Shapes
	if a.Leaving > 0 {
		stay = trim(stay, a.Replicas-a.Leaving)
	}
	a.Price = c.freeRoom().price(request, stay)
}

// price is what replicas on these shapes cost together; 0 where no price is known.
func (r *free) price(request event.Resources, uses []event.ShapeUse) int64 {
	sum := int64(0)
	for _, use := range uses {
		at := slices.IndexFunc(r.shapes, func(s shapeRoom) bool { return s.shape.Name == use.Shape })
		if at < 0 || r.shapes[at].price == nil {
			continue
		}
		hi, lo := bits.Mul64(uint64(cost(request, r.shapes[at].price)), uint64(max(0, use.Replicas)))
		if hi > 0 || lo > event.MaxInteger {
			return event.MaxInteger
		}
		sum = min(event.MaxInteger, sum+int64(lo))
	}
	return sum
}

func isCapped(_ *State, q *query) bool { return q.class.maxPrice > 0 }

func isAffordable(_ *State, q *query, c *cluster) bool {
	if c.report == nil {
		return false
	}
	cheapest, known := c.cheapest(q.class)
	return known && cheapest <= q.class.maxPrice
}

// cheapest is the price of a replica on the cheapest shape it may use.
func (c *cluster) cheapest(cl *class) (price int64, known bool) {
	for i := range c.freeRoom().shapes {
		sh := &c.freeRoom().shapes[i]
		if sh.price == nil || !cl.open(sh.shape) {
			continue
		}
		if p := cost(cl.request, sh.price); !known || p < price {
			price, known = p, true
		}
	}
	return price, known
}

func tellPrice(_ *State, q *query, c *cluster) Check {
	limit := q.class.maxPrice
	price, known := c.cheapest(q.class)
	if !known {
		return Check{Need: limit, Message: "the cluster has no price, and the workload a cap of " + money(limit)}
	}
	return Check{Need: limit, Have: price, Message: money(price) + " an hour for a replica, cap " + money(limit)}
}
