package agentsim

import (
	"fmt"

	"fairlead.dev/pkg/room"
)

// Audit lists every node that was ever overdrawn since the cluster was made, with what
// was asked of it; empty when none was. Nodes are checked after every change, by adding
// up what is on them, so that an error in the free figures shows as well.
func (c *Cluster) Audit() []string {
	c.enter()
	defer c.leave(false)
	for _, s := range c.shapes {
		for _, n := range s.nodes {
			c.check(n)
		}
	}
	return append([]string(nil), c.overdraw...)
}

// most bounds what is kept of a cluster that has gone wrong.
const most = 1000

// check notes whether the node is overdrawn now.
func (c *Cluster) check(n *node) {
	if what := n.overdrawn(); what != "" && len(c.overdraw) < most {
		c.overdraw = append(c.overdraw, fmt.Sprintf("%s: node %s at %s: %s", c.spec.Name, n.name, c.at.Format("15:04:05.000"), what))
	}
}

// overdrawn adds up what is on the node and compares with what it is.
func (n *node) overdrawn() string {
	var cpu, memory int64
	devices := make([]int, n.shape.GPUs)
	extended := map[string]int64{}
	for _, h := range n.holds {
		cpu += h.request.CPUMilli
		memory += h.request.MemoryBytes
		for name, units := range h.request.Extended { // sums: the order does not matter
			extended[name] += units
		}
		for _, device := range h.devices {
			devices[device] += share(h.request)
		}
	}
	if _, counted := n.shape.Extended[room.Instances]; counted {
		extended[room.Instances] += int64(len(n.holds))
	}
	switch {
	case cpu > n.shape.CPUMilli, cpu != n.shape.CPUMilli-n.free.CPUMilli:
		return fmt.Sprintf("%d of %d thousandths of CPU taken, %d said to be free", cpu, n.shape.CPUMilli, n.free.CPUMilli)
	case memory > n.shape.MemoryBytes, memory != n.shape.MemoryBytes-n.free.MemoryBytes:
		return fmt.Sprintf("%d of %d bytes taken, %d said to be free", memory, n.shape.MemoryBytes, n.free.MemoryBytes)
	}
	for name, units := range extended { // any one will do
		if units > n.shape.Extended[name] {
			return fmt.Sprintf("%d of %d %s taken", units, n.shape.Extended[name], name)
		}
	}
	for device, taken := range devices {
		if taken > room.Device || taken != room.Device-n.free.GPUs[device] {
			return fmt.Sprintf("%d of %d thousandths of GPU %d taken, %d said to be free", taken, room.Device, device, n.free.GPUs[device])
		}
	}
	return ""
}
