package agentsim

import (
	"fmt"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// What people do to a cluster past its agent. Tests and chaos use it.

// ScaleByHand changes how many replicas an object asks for. New ones wait for a node
// if there is none; it errs only when there is no such object.
func (c *Cluster) ScaleByHand(w event.WorkloadID, replicas int) error {
	c.enter()
	defer c.leave(true)
	o := c.objects[w]
	if o == nil {
		return fmt.Errorf("scale %s: no such object", w)
	}
	for len(o.replicas) > replicas {
		last := len(o.replicas) - 1
		c.remove(o.replicas[last])
		o.replicas = o.replicas[:last]
	}
	var fresh []*replica
	for len(o.replicas) < replicas {
		r := &replica{object: o}
		o.replicas, fresh = append(o.replicas, r), append(fresh, r)
	}
	o.wanted = replicas
	c.later(fresh)
	c.write(o)
	return nil
}

// DeleteByHand removes an object without leaving a tombstone.
func (c *Cluster) DeleteByHand(w event.WorkloadID) {
	c.enter()
	defer c.leave(true)
	c.drop(w)
}

// Occupy takes the name of a workload for an object that is not ours.
func (c *Cluster) Occupy(w event.WorkloadID) {
	c.enter()
	defer c.leave(true)
	c.taken[w] = true
}

// Occupied says whether that object is still there.
func (c *Cluster) Occupied(w event.WorkloadID) bool {
	c.enter()
	defer c.leave(false)
	return c.taken[w] && c.objects[w] == nil
}

// Exhaust ends the quota: no further workload is taken.
func (c *Cluster) Exhaust() {
	c.enter()
	defer c.leave(false)
	c.full = true
}

// Sever breaks the watches that are open and loses their hints.
func (c *Cluster) Sever() { c.watchers.sever() }

// AddNodes adds nodes to a shape that the cluster has.
func (c *Cluster) AddNodes(shape string, count int) error {
	c.enter()
	defer c.leave(true)
	for _, s := range c.shapes {
		if s.Name == shape {
			for range count {
				s.add()
			}
			c.retry()
			return nil
		}
	}
	return fmt.Errorf("add nodes: no shape %q", shape)
}

// Stored is an object as the cluster keeps it.
type Stored struct {
	agent.Desired
	Wanted   int
	Revision uint64 // changes with every write
}

// Stored lists the objects, by workload.
func (c *Cluster) Stored() []Stored {
	c.enter()
	defer c.leave(false)
	var out []Stored
	for _, id := range c.ids() {
		o := c.objects[id]
		out = append(out, Stored{o.desired, o.wanted, o.revision})
	}
	return out
}
