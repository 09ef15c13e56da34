package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
	"fairlead.dev/services/agent-swarm/reading"
)

// sight is what a look at the swarm showed.
type sight struct {
	at       time.Time
	services []swarm.Service // ours
	tasks    map[string][]swarm.Task
	book     *inventory.Book
}

// look reads all that a view is made of. Tasks come first: a service that is made in between then
// has none yet, and is not taken for one that has left its tasks behind.
func (c *Cluster) look(ctx context.Context) (*sight, error) {
	s := &sight{at: time.Now(), tasks: map[string][]swarm.Task{}, book: inventory.NewBook()}
	ctx, cancel := c.within(ctx)
	defer cancel()
	tasks, err := c.api.TaskList(ctx, client.TaskListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	services, err := c.api.ServiceList(ctx, client.ServiceListOptions{Filters: c.ours()})
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	nodes, err := c.api.NodeList(ctx, client.NodeListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	s.services = services.Items
	for _, n := range nodes.Items {
		if node, ok := c.read.Node(n); ok {
			s.book.SetNode(node)
		}
	}
	for _, t := range tasks.Items {
		c.note(s, t)
	}
	return s, nil
}

// note adds a task to what was seen.
func (c *Cluster) note(s *sight, t swarm.Task) {
	claim := c.read.Task(t)
	if id, ours := c.owner(t); ours {
		claim.Workload = id
		s.tasks[t.ServiceID] = append(s.tasks[t.ServiceID], t)
	}
	s.book.SetClaim(claim)
}

// owner tells from a task's containers which workload it belongs to.
func (c *Cluster) owner(t swarm.Task) (event.WorkloadID, bool) {
	if t.Spec.ContainerSpec == nil {
		return event.WorkloadID{}, false
	}
	return c.scheme.Owner(t.Spec.ContainerSpec.Labels)
}

// ours selects what bears the label of this cluster.
func (c *Cluster) ours() client.Filters {
	return client.Filters{}.Add("label", manifest.LabelCluster+"="+string(c.Cluster))
}

// restless says whether something is on its way that no event will tell of.
func (s *sight) restless() bool {
	for _, tasks := range s.tasks {
		for _, t := range tasks {
			if !reading.Ended(t) && (reading.Leaving(t) || t.Status.State != swarm.TaskStateRunning) {
				return true
			}
		}
	}
	return false
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
