package cost

import (
	"fmt"
	"math"
	"strconv"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering"
	"fairlead.dev/pkg/steering/solve"
)

// valid is how long plans hold, in ms: until the next one.
const valid = 1 << 50

// lead puts quotas before any price.
const lead = 1 << 60

// planned follows plans as the core does.
type planned struct {
	plan  *event.SteeringPlanned
	quota [][]int // per class, cluster
}

func (p *planned) tick(w *world) {
	p.plan = solve.Plan(w.summary(), valid)
	p.quota = nil
	for range w.classes {
		p.quota = append(p.quota, make([]int, len(w.sites)))
	}
	for _, q := range p.plan.Quotas {
		k, err := strconv.ParseInt(q.Class, 16, 64)
		if err != nil {
			panic(err) // the name that summary gave it
		}
		p.quota[k][q.Group] = q.Replicas
	}
}

// summary is what the core would say of the fleet.
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
			score -= lead
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
