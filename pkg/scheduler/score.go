package scheduler

import (
	"math/bits"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// million is one whole in the fixed-point numbers of a score.
const million = 1_000_000

// preferPenalty is what each PreferNoSchedule taint that is not tolerated costs.
const preferPenalty = million / 10

// spot is where on a cluster the next replica goes: a shape and a group of its nodes.
type spot struct {
	shape, group int   // -1 if there is no room
	node         *node // of the group
	value        int64 // what the spot adds to the score: packing and price, weighted
	pack, price  int64 // both parts, in millionths
	risk         int64 // that the room is gone by then, off the packing part
}

// bestSpot is the node that is worth most: any of a shape if packing counts, otherwise
// the shape's tightest. On a tie the tighter one wins, then the shape named first. What
// a node is worth to others is asked only if it shall be fine; how full it would be
// stands for it otherwise.
func (r *free) bestSpot(q *query, fine bool) spot {
	best := spot{shape: -1, group: -1}
	for i := range r.shapes {
		sh := &r.shapes[i]
		if !r.open(sh, q.class) {
			continue
		}
		cheap := q.weigh.cheapness(q.class, sh.price)
		if q.weigh.pack == 0 {
			if at := r.tightest(sh, q.class); at >= 0 {
				g := &sh.groups[at]
				r.better(&best, spot{shape: i, group: at, node: g.node, value: q.weigh.price * cheap, pack: sh.full(g, q.class), price: cheap})
			}
			continue
		}
		risk := int64(-1) // asked for where it matters: it is dear
		for at := range sh.groups {
			g := &sh.groups[at]
			if !r.known.holdsOn(g, q.class) {
				continue
			}
			pack := r.worth(sh, g, q.class, fine)
			value := q.weigh.pack*pack + q.weigh.price*cheap
			if best.group >= 0 && value < best.value {
				continue
			}
			if risk < 0 {
				risk = r.risk(sh, q, fine)
			}
			if value -= q.weigh.pack * risk; best.group < 0 || value >= best.value {
				r.better(&best, spot{shape: i, group: at, node: g.node, value: value, pack: pack, price: cheap, risk: risk})
			}
		}
	}
	return best
}

// worth is the packing part of a score, fine or rough.
func (r *free) worth(sh *shapeRoom, g *group, cl *class, fine bool) int64 {
	if fine {
		return r.known.packing(g.node, cl)
	}
	return sh.full(g, cl)
}

// better keeps the better of two spots in best.
func (r *free) better(best *spot, sp spot) {
	switch {
	case best.group < 0, sp.value > best.value:
	case sp.value < best.value, sp.pack < best.pack:
		return
	case sp.pack == best.pack:
		c := sp.node.size.Compare(best.node.size)
		if c == 0 && sp.shape == best.shape {
			c = room.Compare(sp.node.free, best.node.free)
		}
		if c >= 0 {
			return
		}
	}
	*best = sp
}

// mostFine is how many clusters a fleet has at most for every one of them to be rated
// finely. In larger ones those that look best at a rough look are.
const (
	mostFine  = 64
	shortlist = 8
)

func (s *State) fine() bool { return len(s.clusters.sorted) <= mostFine }

// spotOn is where the next replica of the query would go on the cluster. Of a large
// fleet the spot is found by a rough look and then rated finely.
func (s *State) spotOn(q *query, c *cluster) spot {
	r := c.freeRoom()
	sp := r.bestSpot(q, s.fine())
	if !s.fine() && sp.group >= 0 && q.weigh.pack != 0 {
		sp.value -= q.weigh.pack * (sp.pack - sp.risk)
		sp.pack, sp.risk = r.known.packing(sp.node, q.class), r.risk(&r.shapes[sp.shape], q, true)
		sp.value += q.weigh.pack * (sp.pack - sp.risk)
	}
	return sp
}

// score rates a cluster for new replicas in millionths, higher is better: the
// weighted mean of its parts, less what taints cost that are put up with, and what a
// steering plan adds.
func (s *State) score(q *query, c *cluster, sp spot) int64 {
	sum := int64(0)
	if sp.group >= 0 {
		sum = sp.value
	}
	for _, p := range q.weigh.parts {
		sum += p.weight * s.part(q, c, p)
	}
	return sum/q.weigh.total - s.aversion(q, c) + s.steered(q, c)
}

// aversion is what the cluster's PreferNoSchedule taints cost.
func (s *State) aversion(q *query, c *cluster) int64 {
	if s.isPrepared(q) {
		return s.opinion(q, c).aversion
	}
	return aversion(c.report, q.class)
}

func aversion(r *event.ClusterCapacityReported, cl *class) int64 {
	out := int64(0)
	for _, t := range r.Taints {
		if t.Effect == event.TaintEffectPreferNoSchedule && !event.Tolerated(t, cl.tolerations) {
			out += preferPenalty
		}
	}
	return out
}

// fullness is how full a node is after one replica left that much over. Idle GPUs of
// a node weigh three times, so that what needs none stays away from them.
func fullness(shape, left room.Leftover) int64 {
	sum, weight := share(left.CPUMilli, shape.CPUMilli)+share(left.MemoryBytes, shape.MemoryBytes), int64(2)
	if shape.GPUMilli > 0 {
		sum, weight = sum+3*share(left.GPUMilli, shape.GPUMilli), weight+3
	}
	return million - sum/weight
}

// headroom is the smallest free share among the resources the class asks for.
func (r *free) headroom(cl *class) int64 {
	out := int64(million)
	if cl.request.CPUMilli > 0 {
		out = min(out, share(r.left.CPUMilli, r.all.CPUMilli))
	}
	if cl.request.MemoryBytes > 0 {
		out = min(out, share(r.left.MemoryBytes, r.all.MemoryBytes))
	}
	if cl.request.GPUMilli > 0 {
		out = min(out, share(r.left.GPUMilli, r.all.GPUMilli))
	}
	return out
}

// share is part/whole in millionths, between 0 and a million, without overflow.
func share(part, whole int64) int64 {
	if part <= 0 || whole <= 0 {
		return 0
	}
	if part >= whole {
		return million
	}
	hi, lo := bits.Mul64(uint64(part), million)
	out, _ := bits.Div64(hi, lo, uint64(whole))
	return int64(out)
}

// brim holds sums below overflow, with room for one more addition.
const brim = 1 << 61

// addUp gives sum + v·n, held at the brim.
func addUp(sum, v int64, n int) int64 {
	hi, lo := bits.Mul64(uint64(max(0, v)), uint64(max(0, n)))
	if hi > 0 || lo > brim {
		return brim
	}
	return min(brim, sum+int64(lo))
}
