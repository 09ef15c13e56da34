package double

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong with requests.
type Fault struct {
	Method string // empty for any
	Path   string // part of the path, such as /v2/groups; empty for any
	Times  int    // how many requests; 0 for all until Heal
	// One of these:
	Status int    // answered at once, nothing is done
	Hang   bool   // no answer ever comes, nothing is done
	Lose   bool   // it is done, and the connection breaks before the answer
	Before func() // runs first, then the request is done: something came in between
}

type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Inject makes requests fail from now on.
func (c *Cluster) Inject(f Fault) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.list = append(c.faults.list, &f)
}

// Heal ends all faults, and a silence of the streams.
func (c *Cluster) Heal() {
	c.faults.mu.Lock()
	c.faults.list = nil
	c.faults.mu.Unlock()
	c.out.mu.Lock()
	c.out.mute = false
	c.out.mu.Unlock()
}

// meets takes the fault that a request meets, if any.
func (f *faults) meets(r *http.Request) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		if fault.Method != "" && fault.Method != r.Method || !strings.Contains(r.URL.Path, fault.Path) {
			continue
		}
		if fault.Times == 1 {
			f.list = slices.Delete(f.list, i, i+1)
		} else if fault.Times > 1 {
			fault.Times--
		}
		return fault
	}
	return nil
}

// faulty lets requests meet their faults.
func (c *Cluster) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch fault := c.faults.meets(r); {
		case fault == nil:
			next.ServeHTTP(w, r)
		case fault.Before != nil:
			fault.Before()
			next.ServeHTTP(w, r)
		case fault.Hang:
			select {
			case <-r.Context().Done():
			case <-c.ctx.Done():
			}
			panic(http.ErrAbortHandler)
		case fault.Lose:
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			give(w, fault.Status, document{"message": "injected"})
		}
	})
}

// Cut breaks all streams that are open.
func (c *Cluster) Cut() {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.out.cut != nil {
		close(c.out.cut)
	}
	c.out.cut = nil
	c.out.marathon, c.out.mesos = nil, nil
}

// Mute keeps streams open and says nothing on them, heartbeats neither, until Heal.
func (c *Cluster) Mute() {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.mute = true
}

// Streams counts the open streams of Marathon and Mesos.
func (c *Cluster) Streams() (marathon, mesos int) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return len(c.out.marathon), len(c.out.mesos)
}

// Lock is a deployment of somebody that changes the apps and does not end until release, or until it is
// halted. It gives the deployment's id.
func (c *Cluster) Lock(apps ...string) (id string, release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &deployment{id: fmt.Sprintf("%08x-1000-4000-8000-000000000000", c.number()), version: c.root.version, apps: apps, held: true}
	c.deployments = append(c.deployments, d)
	return d.id, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		d.held = false
	}
}

// Deploying says whether a deployment runs.
func (c *Cluster) Deploying(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.deployments, func(d *deployment) bool { return d.id == id })
}

// Fail ends an app's tasks as failed; they are launched again after a delay.
func (c *Cluster) Fail(app, message string, delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for id, t := range c.tasks {
		if t.app == app {
			c.failures[app] = &failure{id: id, node: t.node, state: "TASK_FAILED", message: message, at: stamp(now), version: t.version}
			c.become(t, "TASK_FAILED", now)
			delete(c.tasks, id)
		}
	}
	c.delays[app] = now.Add(delay)
}

// Sicken makes the health checks of an app fail, or pass again.
func (c *Cluster) Sicken(app string, sick bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unhealthy[app] = sick
}

// SetQuota limits a role, by Mesos' names: cpus, mem.
func (c *Cluster) SetQuota(role string, limits map[string]float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quotas[role] = limits
}

// Occupy runs something on a node that is not Marathon's.
func (c *Cluster) Occupy(node string, cpus, memMiB float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start(&task{id: fmt.Sprintf("other.%d", c.number()), node: node, cpus: cpus, mem: memMiB}, time.Now())
}

// Away makes a node inactive, or active again. Its tasks are lost with it.
func (c *Cluster) Away(node string, away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away[node] = away
	kind := "AGENT_ADDED"
	if away {
		kind = "AGENT_REMOVED"
		for id, t := range c.tasks {
			if t.node == node {
				c.become(t, "TASK_LOST", time.Now())
				delete(c.tasks, id)
			}
		}
	}
	c.tellMesos(document{"type": kind, strings.ToLower(kind): document{"agent_id": document{"value": node}}})
}
