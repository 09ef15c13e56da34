package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/services/agent-dcos/marathon"
	"fairlead.dev/services/agent-dcos/mesos"
	"fairlead.dev/services/agent-dcos/reading"
)

// sight is what a look at the cluster showed.
type sight struct {
	at      time.Time
	version string
	role    string
	state   *mesos.State
	book    *inventory.Book
	ending  map[event.WorkloadID]bool // there are tasks of it
	owned   map[string]int64          // what tasks of ours hold, by Mesos' name, in thousandths
	sites   map[event.WorkloadID]manifest.Site
	waiting map[string]marathon.Waiting // by app
}

// look reads all that a view is made of. Mesos comes first: a workload that is made in between then has
// no tasks yet, and is not taken for one that has left them behind.
func (c *Cluster) look(ctx context.Context) (*sight, error) {
	s := &sight{at: time.Now(), book: inventory.NewBook(), ending: map[event.WorkloadID]bool{}, owned: map[string]int64{}}
	var err error
	if s.version, s.role, err = c.identify(ctx); err != nil {
		return nil, err
	}
	if s.state, err = c.mesos.State(ctx); err != nil {
		return nil, fmt.Errorf("read Mesos' state: %w", err)
	}
	c.count(s)
	if s.sites, err = c.sites(ctx); err != nil {
		return nil, fmt.Errorf("read Marathon's groups: %w", err)
	}
	queue, err := c.marathon.Queue(ctx)
	if err != nil {
		return nil, fmt.Errorf("read Marathon's queue: %w", err)
	}
	s.waiting = make(map[string]marathon.Waiting, len(queue))
	for _, item := range queue {
		s.waiting[item.App.ID] = item
	}
	return s, nil
}

// count fills the book from Mesos' state.
func (c *Cluster) count(s *sight) {
	read := reading.Reader{Keys: c.Keys, Role: s.role}
	for _, a := range s.state.Agents.Agents {
		s.book.SetNode(read.Node(a))
	}
	for _, claim := range read.Claims(s.state, c.scheme) {
		s.book.SetClaim(claim)
		if claim.Workload != (event.WorkloadID{}) {
			s.ending[claim.Workload] = true
			add(s.owned, claim.Asked, 1)
		}
	}
}

// sites reads what is below the group of ours: workloads are two groups down.
func (c *Cluster) sites(ctx context.Context) (map[event.WorkloadID]manifest.Site, error) {
	root, err := c.marathon.Group(ctx, c.scheme.Root)
	if err != nil || root == nil {
		return nil, err
	}
	sites := map[event.WorkloadID]manifest.Site{}
	for _, tenant := range root.Groups {
		for i, group := range tenant.Groups {
			for _, app := range group.Apps {
				w, ours := c.scheme.Owner(app.Labels)
				if ours && group.ID == c.scheme.Group(w) { // a copy by hand bears our labels, and is not ours
					sites[w] = c.scheme.Site(w, &tenant.Groups[i])
				}
			}
		}
	}
	return sites, nil
}

// believeFor is how old a look may be that an Apply judges room by.
const believeFor = time.Second

// recent keeps the last look for those that come soon after.
type recent struct {
	mu   sync.Mutex
	last *sight
}

// glance is a look that may be a little old: many commands at once share one.
func (c *Cluster) glance(ctx context.Context) (*sight, error) {
	c.last.mu.Lock()
	defer c.last.mu.Unlock()
	if s := c.last.last; s != nil && time.Since(s.at) < believeFor {
		return s, nil
	}
	s, err := c.look(ctx)
	if err == nil {
		c.last.last = s
	}
	return s, err
}
