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

// score rates a cluster for new replicas in millionths, higher is better. Pack
// wants the tightest node, everything else the emptiest cluster.
func (s *State) score(q *query, c *cluster, fits int) int64 {
	var out int64
	r := c.freeRoom()
	switch {
	case q.spec.Policy.Strategy != event.StrategyPack:
		out = r.emptiness(q.class)
	case fits > 0:
		out = r.tightness(q.class)
	}
	for _, t := range c.report.Taints {
		if t.Effect == event.TaintEffectPreferNoSchedule && !event.Tolerated(t, q.class.tolerations) {
			out -= preferPenalty
		}
	}
	return out
}

// emptiness is the smallest free share among the resources the class asks for.
func (r *free) emptiness(cl *class) int64 {
	if v, ok := r.empty[cl.key]; ok {
		return v
	}
	free, all := r.totals()
	out := int64(million)
	for _, part := range [][3]int64{
		{cl.request.CPUMilli, free.CPUMilli, all.CPUMilli},
		{cl.request.MemoryBytes, free.MemoryBytes, all.MemoryBytes},
		{cl.request.GPUMilli, free.GPUMilli, all.GPUMilli},
	} {
		if part[0] > 0 {
			out = min(out, share(part[1], part[2]))
		}
	}
	r.empty[cl.key] = out
	return out
}

// tightness is how full the tightest node is after one replica. Idle GPUs of a node
// weigh three times, so that what needs none stays away from them.
func (r *free) tightness(cl *class) int64 {
	if v, ok := r.tight[cl.key]; ok {
		return v
	}
	out := int64(0)
	if i, _, l := r.tightest(cl); i >= 0 {
		shape := r.shapes[i].shape
		sum, weight := share(l.CPUMilli, shape.CPUMilli)+share(l.MemoryBytes, shape.MemoryBytes), int64(2)
		if shape.GPUs > 0 {
			sum, weight = sum+3*share(l.GPUMilli, int64(shape.GPUs)*room.Device), weight+3
		}
		out = million - sum/weight
	}
	r.tight[cl.key] = out
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

// totals sums free and allocatable room over all nodes; sums saturate.
func (r *free) totals() (free, all event.Resources) {
	for i := range r.shapes {
		sh := r.shapes[i].shape
		all.CPUMilli = addUp(all.CPUMilli, sh.CPUMilli, sh.Nodes)
		all.MemoryBytes = addUp(all.MemoryBytes, sh.MemoryBytes, sh.Nodes)
		all.GPUMilli = addUp(all.GPUMilli, int64(sh.GPUs)*room.Device, sh.Nodes)
		for _, g := range r.shapes[i].groups {
			free.CPUMilli = addUp(free.CPUMilli, g.CPUMilli, g.Nodes)
			free.MemoryBytes = addUp(free.MemoryBytes, g.MemoryBytes, g.Nodes)
			for _, gpu := range g.GPUs {
				free.GPUMilli = addUp(free.GPUMilli, int64(gpu), g.Nodes)
			}
		}
	}
	return free, all
}

// addUp gives sum + v·n, held at a bound that leaves room for one more addition.
func addUp(sum, v int64, n int) int64 {
	const bound = 1 << 61
	hi, lo := bits.Mul64(uint64(max(0, v)), uint64(max(0, n)))
	if hi > 0 || lo > bound {
		return bound
	}
	return min(bound, sum+int64(lo))
}
