package agentsim

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Cluster is one simulated cluster. It implements agent.Orchestrator for as many agents
// as come, and is safe for concurrent use.
type Cluster struct {
	spec  Spec
	clock func() time.Time

	mu       sync.Mutex
	at       time.Time // the state is as of then
	agenda   agenda
	chance   *rand.Rand
	shapes   []*shape // by name
	objects  map[event.WorkloadID]*object
	tombs    map[event.WorkloadID]uint64 // highest withdrawn token
	taken    map[event.WorkloadID]bool   // names held by objects that are not ours
	leaving  map[*replica]bool           // withdrawn, still on their nodes
	waiting  []*replica                  // nothing fits: they want the next room
	full     bool                        // the quota is used up by hand
	writes   uint64                      // to objects; numbers their revisions
	overdraw []string                    // what the audit found
	watchers
}

var _ agent.Orchestrator = (*Cluster)(nil)

// Option changes how a cluster is made.
type Option func(*Cluster)

// WithClock gives the cluster another clock than time.Now. Delays of Apply and hints of
// Watch are still real time; everything else happens by this clock.
func WithClock(now func() time.Time) Option { return func(c *Cluster) { c.clock = now } }

// New makes an empty cluster of a valid spec.
func New(s Spec, options ...Option) *Cluster {
	c := &Cluster{
		spec:    s.WithDefaults(),
		clock:   time.Now,
		chance:  rand.New(rand.NewPCG(s.Seed, uint64(len(s.Name)))),
		objects: map[event.WorkloadID]*object{},
		tombs:   map[event.WorkloadID]uint64{},
		taken:   map[event.WorkloadID]bool{},
		leaving: map[*replica]bool{},
	}
	for _, option := range options {
		option(c)
	}
	c.watchers.init()
	c.shapes = newShapes(c.spec.Nodes)
	c.at = c.clock()
	for _, f := range c.spec.Foreign {
		c.expect(f)
	}
	return c
}

// Spec is what the cluster was made from, with defaults.
func (c *Cluster) Spec() Spec { return c.spec }

// object is what the cluster keeps for one workload.
type object struct {
	desired  agent.Desired
	hash     string // as in desired, unless changed by hand
	wanted   int    // as in desired, unless changed by hand
	replicas []*replica
	revision uint64
}

// enter locks the cluster and does what has fallen due; the caller unlocks with leave.
func (c *Cluster) enter() {
	c.mu.Lock()
	c.advance(c.clock())
}

// leave unlocks and tells those who watch.
func (c *Cluster) leave(changed bool) {
	c.mu.Unlock()
	if changed {
		c.notify()
	}
}

// write marks an object as changed.
func (c *Cluster) write(o *object) {
	c.writes++
	o.revision = c.writes
}

// Running counts the replicas by workload that hold room on a node, those on their way
// out not included.
func (c *Cluster) Running() map[event.WorkloadID]int {
	c.enter()
	defer c.leave(false)
	out := map[event.WorkloadID]int{}
	for id, o := range c.objects { // each key on its own: the order does not matter
		for _, r := range o.replicas {
			if r.hold != nil {
				out[id]++
			}
		}
	}
	return out
}

// ids gives the workloads that have an object, in order.
func (c *Cluster) ids() []event.WorkloadID {
	return slices.SortedFunc(maps.Keys(c.objects), event.WorkloadID.Compare)
}

// agenda is what will happen, in order of time.
type agenda struct {
	items []item
	made  uint64
}

type item struct {
	at    time.Time
	order uint64 // of equal times: first made, first done
	do    func()
}

// in puts something on the agenda after a delay from the cluster's present.
func (c *Cluster) in(delay time.Duration, do func()) {
	c.agenda.made++
	it := item{c.at.Add(delay), c.agenda.made, do}
	at, _ := slices.BinarySearchFunc(c.agenda.items, it, func(a, b item) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.order, a.order)) // the next one is the last
	})
	c.agenda.items = slices.Insert(c.agenda.items, at, it)
}

// advance does what has fallen due by now, each at its own time.
func (c *Cluster) advance(now time.Time) {
	for n := len(c.agenda.items); n > 0; n = len(c.agenda.items) {
		next := c.agenda.items[n-1]
		if next.at.After(now) {
			break
		}
		c.agenda.items = c.agenda.items[:n-1]
		c.at = next.at
		next.do()
	}
	if now.After(c.at) {
		c.at = now
	}
}

// due is when the next thing on the agenda happens; false when there is none.
func (c *Cluster) due() (time.Time, bool) {
	if n := len(c.agenda.items); n > 0 {
		return c.agenda.items[n-1].at, true
	}
	return time.Time{}, false
}
