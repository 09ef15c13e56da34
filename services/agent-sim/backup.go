package agentsim

import (
	"maps"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Backup is what the store of a cluster held at some time: objects and the tokens of those
// that were withdrawn, as a backup of an orchestrator's database does.
type Backup struct {
	objects []agent.Desired
	wanted  []int
	tombs   map[event.WorkloadID]uint64
}

// Backup copies the store.
func (c *Cluster) Backup() Backup {
	c.enter()
	defer c.leave(false)
	b := Backup{tombs: maps.Clone(c.tombs)}
	for _, id := range c.ids() {
		o := c.objects[id]
		b.objects, b.wanted = append(b.objects, o.desired), append(b.wanted, o.wanted)
	}
	return b
}

// Restore puts an older store in the place of the cluster's own. What ran is gone; what the
// store holds is started anew, and waits where there is no node for it.
func (c *Cluster) Restore(b Backup) {
	c.enter()
	defer c.leave(true)
	for _, id := range c.ids() {
		c.drop(id)
	}
	c.tombs = maps.Clone(b.tombs)
	for i, d := range b.objects {
		o := &object{desired: d, hash: d.Hash, wanted: b.wanted[i]}
		for range o.wanted {
			o.replicas = append(o.replicas, &replica{object: o})
		}
		c.objects[d.Workload] = o
		c.later(o.replicas)
		c.write(o)
	}
}
