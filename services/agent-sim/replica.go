package agentsim

import (
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// replica is one instance of a workload.
type replica struct {
	object *object
	pin    string           // shape it must run on; "" for any
	hold   *hold            // nil while it is on no node
	meant  *event.FreeNodes // room of the node it was meant for; nil for any
	phase  phase
}

type phase int

const (
	pending phase = iota // wants a node
	bound                // has one, does not run yet
	running              // runs, not ready
	ready
	succeeded // a job's replica that has done its work
	gone      // was taken away; what is on the agenda for it is void
)

// candidates are the shapes the replica may run on.
func (c *Cluster) candidates(o *object, pin string) []*shape {
	open := c.open(&o.desired)
	if pin == "" {
		return open
	}
	return slices.DeleteFunc(open, func(s *shape) bool { return s.Name != pin })
}

// bind gives the replica a node if there is one.
func (c *Cluster) bind(r *replica) bool {
	q := r.object.desired.Template.Resources
	shapes := c.candidates(r.object, r.pin)
	n := chosen(shapes, q, r.meant)
	if n == nil {
		n = tightest(shapes, q)
	}
	if n == nil {
		return false
	}
	r.hold = c.take(n, q)
	r.phase = bound
	return true
}

// live puts the rest of a bound replica's life on the agenda.
func (c *Cluster) live(r *replica) {
	b := c.spec.Behaviour
	c.after(r, b.StartDelay, bound, func() {
		r.phase = running
		if r.object.desired.Kind == event.KindJob && b.JobDuration > 0 {
			c.ends(r, time.Duration(b.JobDuration))
		}
		c.after(r, b.ReadyDelay, running, func() { r.phase = ready })
	})
}

// after lets the replica go on after a delay, if it is still in that phase. No delay
// happens at once.
func (c *Cluster) after(r *replica, delay Duration, in phase, do func()) {
	if delay == 0 {
		do()
		return
	}
	c.in(time.Duration(delay), func() {
		if r.phase == in {
			do()
		}
	})
}

// ends completes a job's replica and gives its room back.
func (c *Cluster) ends(r *replica, after time.Duration) {
	c.in(after, func() {
		if r.phase == gone || r.phase == pending {
			return
		}
		r.phase = succeeded
		c.free(r)
	})
}

// free takes a replica off its node and lets those that wait have the room.
func (c *Cluster) free(r *replica) {
	if r.hold == nil {
		return
	}
	c.release(r.hold)
	r.hold = nil
	c.retry()
}

// later binds the replicas after the delay of the cluster's scheduler.
func (c *Cluster) later(replicas []*replica) {
	for _, r := range replicas {
		c.in(time.Duration(c.spec.Behaviour.BindDelay), func() {
			if r.phase == pending {
				c.waiting = append(c.waiting, r)
				c.retry()
			}
		})
	}
}

// retry binds the replicas that wait, in order, as far as there is room.
func (c *Cluster) retry() {
	var still []*replica
	for _, r := range c.waiting {
		switch {
		case r.phase != pending:
		case c.bind(r):
			c.live(r)
		default:
			still = append(still, r)
		}
	}
	c.waiting = still
}

// remove ends a replica. It keeps its room for as long as stopping takes.
func (c *Cluster) remove(r *replica) {
	was := r.phase
	r.phase = gone
	if r.hold == nil || was == succeeded {
		return
	}
	if c.spec.Behaviour.StopDelay == 0 {
		c.free(r)
		return
	}
	c.leaving[r] = true
	c.in(time.Duration(c.spec.Behaviour.StopDelay), func() {
		delete(c.leaving, r)
		c.free(r)
	})
}

// expect puts the next arrivals of foreign load on the agenda.
func (c *Cluster) expect(f Foreign) {
	c.in(time.Duration(f.Every), func() {
		c.arrive(f)
		c.expect(f)
	})
}

// arrive puts one foreign replica on the tightest node; without room it goes away.
func (c *Cluster) arrive(f Foreign) {
	q := event.Resources{CPUMilli: int64(f.CPU), MemoryBytes: int64(f.Memory), GPUMilli: int64(f.GPU)}
	n := tightest(c.shapes, q)
	if n == nil {
		return
	}
	h := c.take(n, q)
	if f.Lasts > 0 {
		c.in(time.Duration(f.Lasts), func() {
			c.release(h)
			c.retry()
		})
	}
}
