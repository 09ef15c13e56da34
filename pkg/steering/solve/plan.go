package solve

import (
	"cmp"
	"math"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering"
)

const (
	// turnover is the share of what stands that the plan expects to be replaced by
	// others of its class while it counts: only as much is planned anew, the rest stays.
	turnover = 0.1
	// loss is by how much a replica may count as larger than it is, for the room that
	// is lost between nodes.
	loss = 1.05
	// dearness is how many times the dearest price of the fleet it costs not to place a
	// replica: nobody is left out to save money.
	dearness = 3
	// pivots end the search for an optimum; a problem of full size takes some 6,000.
	pivots = 50_000

	resources = 3 // CPU, memory, GPU

	mib = 1 << 20
	gib = 1 << 30
)

// Plan solves where new replicas should go so that the fleet costs least, and tells
// it in integers. It holds for validMillis of observed time from the summary on.
func Plan(sum *steering.Summary, validMillis int64) *event.SteeringPlanned {
	out := &event.SteeringPlanned{
		By: sum.By, Groups: make([]event.SteeringGroup, len(sum.Groups)), ValidMillis: validMillis,
		Observed: sum.Observed, Positions: sum.Positions,
	}
	r := Minimize(problemOf(sum), pivots)
	for g := range sum.Groups {
		out.Groups[g] = event.SteeringGroup{
			Name: sum.Groups[g].Name, CPU: worth(r.Dual[g][0], 1000), Memory: worth(r.Dual[g][1], gib/mib), GPU: worth(r.Dual[g][2], 1000),
		}
	}
	for k := range sum.Classes {
		out.Quotas = append(out.Quotas, quotas(sum.Classes[k].Key, r.Placed[k])...)
	}
	return out
}

// problemOf leaves what stands where it is, but for the turnover: that is room as
// well as demand.
func problemOf(sum *steering.Summary) *Problem {
	p := &Problem{}
	for _, g := range sum.Groups {
		p.Capacity = append(p.Capacity, amounts(g.Free))
	}
	for i := range sum.Classes {
		c := &sum.Classes[i]
		cost := make([]float64, len(sum.Groups))
		demand, refuse := float64(c.Waiting), dearness*float64(max(1, c.Dearest))
		for g, price := range c.Price {
			cost[g] = Barred
			if price != steering.Barred && c.Fits[g]+c.Standing[g] > 0 {
				cost[g] = float64(price)
			}
			demand += turnover * float64(c.Standing[g])
		}
		p.Demand, p.Refuse = append(p.Demand, demand), append(p.Refuse, refuse)
		p.Use, p.Cost = append(p.Use, usesOf(sum, c)), append(p.Cost, cost)
	}
	for _, c := range sum.Classes {
		need := amounts(c.Request)
		for g, n := range c.Standing {
			for r := range resources {
				p.Capacity[g][r] += turnover * float64(n) * need[r]
			}
		}
	}
	return p
}

// usesOf is what a replica takes of each group: what it asks, and of the resource it
// is short of there its part of all that is free, so that room which nodes cannot
// give it does not count.
func usesOf(sum *steering.Summary, c *steering.Class) (out []float64) {
	need := amounts(c.Request)
	for g := range sum.Groups {
		free, use := amounts(sum.Groups[g].Free), slices.Clone(need)
		if fits := float64(c.Fits[g]); fits > 0 {
			short := 0
			for r := range use {
				if need[r]*free[short] > need[short]*free[r] {
					short = r
				}
			}
			use[short] = min(loss*need[short], max(need[short], free[short]/fits))
		}
		out = append(out, use...)
	}
	return out
}

func amounts(r event.Resources) []float64 {
	return []float64{float64(max(0, r.CPUMilli)), float64(max(0, r.MemoryBytes)) / mib, float64(max(0, r.GPUMilli))}
}

// worth is a dual for so many units, in micro-units per hour.
func worth(dual, units float64) int64 {
	return int64(min(math.Round(dual*units), event.MaxInteger))
}

// quotas are the replicas of a class in whole numbers: rounded down, and what that
// leaves goes where most was cut off.
func quotas(key string, placed []float64) []event.SteeringQuota {
	var out []event.SteeringQuota
	cut := make([]float64, len(placed))
	left := 0.0
	for g, v := range placed {
		whole := math.Floor(v + tolerance)
		cut[g] = v - whole
		left += cut[g]
		if v > tolerance {
			out = append(out, event.SteeringQuota{Class: key, Group: g, Replicas: int(min(whole, 1e9))})
		}
	}
	order := slices.Clone(out)
	slices.SortStableFunc(order, func(a, b event.SteeringQuota) int { return cmp.Compare(cut[b.Group], cut[a.Group]) })
	for i := range order {
		if left < 0.5 {
			break
		}
		at := slices.IndexFunc(out, func(q event.SteeringQuota) bool { return q.Group == order[i].Group })
		out[at].Replicas++
		left--
	}
	return slices.DeleteFunc(out, func(q event.SteeringQuota) bool { return q.Replicas == 0 })
}
