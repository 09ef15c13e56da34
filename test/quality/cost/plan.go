package cost

import (
	"fmt"
	"math"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering"
	"fairlead.dev/pkg/steering/solve"
)

// planned follows plans as the core does.
type planned struct {
	plan  *event.SteeringPlanned
	quota [][]int // per class, cluster
	plans int
}

func (p *planned) tick(w *world) {
	p.plans++
	p.plan = solve.Plan(w.summary(), 1)
	p.quota = nil
	for range w.classes {
		p.quota = append(p.quota, make([]int, len(w.sites)))
	}
	for _, q := range p.plan.Quotas {
		var k int
		fmt.Sscanf(q.Class, "%x", &k)
		p.quota[k][q.Group] = q.Replicas
	}
}

func (w *world) summary() *steering.Summary {
	sum := &steering.Summary{}
	for i, s := range w.sites {
		t := s.total()
		sum.Groups = append(sum.Groups, steering.Group{Name: s.name, Free: event.Resources{CPUMilli: t[0] - w.used[i][0], MemoryBytes: (t[1] - w.used[i][1]) << 20}})
	}
	for k, cl := range w.classes {
		if w.wanted[k] == 0 {
			continue
		}
		c := steering.Class{Key: fmt.Sprintf("%016x", k), Request: event.Resources{CPUMilli: cl.need[0], MemoryBytes: cl.need[1] << 20}, Waiting: int64(w.lost[k])}
		for i := range w.sites {
			c.Standing = append(c.Standing, int64(w.standing[k][i]))
			c.Dearest = max(c.Dearest, w.sites[i].rate(cl.need)/1000)
			price := int64(steering.Barred)
			if cl.allowed>>i&1 == 1 {
				price = w.sites[i].rate(cl.need) / 1000
			}
			c.Price = append(c.Price, price)
			c.Fits = append(c.Fits, w.count(i, cl.need))
		}
		sum.Classes = append(sum.Classes, c)
	}
	return sum
}

func (p *planned) choose(w *world, k int) int {
	cl := &w.classes[k]
	best, low := -1, int64(math.MaxInt64)
	for i := range w.sites {
		if cl.allowed>>i&1 == 0 {
			continue
		}
		s := &w.sites[i]
		g := &p.plan.Groups[i]
		score := s.rate(cl.need)/1000 + g.CPU*cl.need[0]/1000 + g.Memory*cl.need[1]/1024
		if p.quota[k][i] > 0 {
			score -= 1 << 60
		}
		if score < low && w.tightest(i, cl.need) >= 0 {
			best, low = i, score
		}
	}
	if best >= 0 {
		p.quota[k][best]--
	}
	return best
}
