package scheduler

import (
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// What shares are shares of: the capacity of the fleet, free or not. It is taken at
// ticks, so that reports do not turn the order of tenants over all the time.

// passTime lets waiting workloads age and takes the fleet's capacity anew, at a tick.
func (s *State) passTime(before int64) {
	capacity := s.fleetCapacity()
	grown := capacity.CPUMilli != s.capacity.CPUMilli || capacity.MemoryBytes != s.capacity.MemoryBytes || capacity.GPUMilli != s.capacity.GPUMilli
	if grown {
		s.capacity, s.books.fleet = capacity, capacity
		for _, a := range s.books.sorted() {
			a.weigh(capacity)
		}
	}
	if grown || before/s.aging() != s.observed/s.aging() {
		s.reorder(s.books.root)
	}
}

// fleetCapacity sums what the clusters of the fleet have.
func (s *State) fleetCapacity() event.Resources {
	var sum event.Resources
	for _, c := range s.clusters.sorted {
		if c.report == nil || c.left {
			continue
		}
		all := c.capacity()
		sum.CPUMilli = addUp(sum.CPUMilli, all.CPUMilli, 1)
		sum.MemoryBytes = addUp(sum.MemoryBytes, all.MemoryBytes, 1)
		sum.GPUMilli = addUp(sum.GPUMilli, all.GPUMilli, 1)
	}
	return sum
}

// capacity is what the cluster has by its last report.
func (c *cluster) capacity() event.Resources {
	if c.measured == c.report {
		return c.size
	}
	c.measured, c.size = c.report, event.Resources{}
	for i := range c.report.Shapes {
		sh := &c.report.Shapes[i]
		c.size.CPUMilli = addUp(c.size.CPUMilli, sh.CPUMilli, sh.Nodes)
		c.size.MemoryBytes = addUp(c.size.MemoryBytes, sh.MemoryBytes, sh.Nodes)
		c.size.GPUMilli = addUp(c.size.GPUMilli, int64(sh.GPUs)*room.Device, sh.Nodes)
	}
	return c.size
}
