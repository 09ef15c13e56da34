package double

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// task is one instance of an app, or something that is not Marathon's.
type task struct {
	id      string
	app     string // empty for what is not Marathon's
	config  string // configAt of its app
	node    string
	state   string // of Mesos
	since   time.Time
	cpus    float64
	mem     float64
	gpus    int
	labels  map[string]string
	version string
}

// failure is the last task of an app that failed.
type failure struct{ id, node, state, message, at, version string }

// step moves everything on as far as it goes; c.mu is held.
func (c *Cluster) step(now time.Time) {
	for _, id := range slices.Sorted(maps.Keys(c.tasks)) {
		c.advance(c.tasks[id], now)
	}
	clear(c.waiting)
	for _, id := range slices.Sorted(maps.Keys(c.root.apps)) {
		c.reconcile(c.root.apps[id], now)
	}
	for _, id := range slices.Sorted(maps.Keys(c.tasks)) {
		if t := c.tasks[id]; t.app != "" && c.root.apps[t.app] == nil {
			c.kill(t, now)
		}
	}
	c.finish()
}

// advance lets a task start and end in its time.
func (c *Cluster) advance(t *task, now time.Time) {
	switch {
	case t.state == "TASK_STAGING" && now.Sub(t.since) >= c.cfg.LaunchFor:
		c.become(t, "TASK_RUNNING", now)
	case t.state == "TASK_KILLING" && now.Sub(t.since) >= c.cfg.KillFor:
		c.become(t, "TASK_KILLED", now)
		delete(c.tasks, t.id)
	}
}

func (c *Cluster) become(t *task, state string, now time.Time) {
	t.state, t.since = state, now
	c.tellMesos(document{"type": "TASK_UPDATED", "task_updated": document{
		"framework_id": document{"value": frameworkID}, "state": state,
		"status": document{"task_id": document{"value": t.id}, "state": state},
	}})
	if t.app != "" {
		c.tell("status_update_event", document{
			"slaveId": t.node, "taskId": t.id, "taskStatus": state, "appId": t.app, "host": t.node, "ports": []int{}, "version": t.version,
		})
	}
}

func (c *Cluster) kill(t *task, now time.Time) {
	if t.state != "TASK_KILLING" {
		c.become(t, "TASK_KILLING", now)
	}
}

// reconcile starts what is missing, ends what is too many, and replaces what is old once as many new
// ones run.
func (c *Cluster) reconcile(a *app, now time.Time) {
	fresh, old := c.instances(a)
	for len(fresh) > a.instances() {
		c.kill(fresh[len(fresh)-1], now)
		fresh = fresh[:len(fresh)-1]
	}
	for missing := a.instances() - len(fresh); missing > 0; missing-- {
		t := c.launch(a, missing, now)
		if t == nil {
			break
		}
		fresh = append(fresh, t)
	}
	running := 0
	for _, t := range fresh {
		if t.state == "TASK_RUNNING" {
			running++
		}
	}
	for _, t := range old {
		if running+len(old) <= a.instances() && running < a.instances() {
			break
		}
		c.kill(t, now)
		old = old[1:]
	}
}

// instances are an app's tasks that are to stay: of its present configuration, and older ones.
func (c *Cluster) instances(a *app) (fresh, old []*task) {
	for _, id := range slices.Sorted(maps.Keys(c.tasks)) {
		switch t := c.tasks[id]; {
		case t.app != a.id || t.state == "TASK_KILLING":
		case t.config == a.configAt:
			fresh = append(fresh, t)
		default:
			old = append(old, t)
		}
	}
	return fresh, old
}

// launch starts an instance, or notes that it waits.
func (c *Cluster) launch(a *app, missing int, now time.Time) *task {
	w := &waiting{count: missing, since: now}
	if until := c.delays[a.id]; now.Before(until) {
		w.delay = until.Sub(now)
		c.waiting[a.id] = w
		return nil
	}
	n := c.offer(a, w)
	if n == nil {
		c.waiting[a.id] = w
		return nil
	}
	t := &task{
		id:      fmt.Sprintf("%s.instance-%08d-0000-4000-8000-000000000000._app.1", strings.ReplaceAll(a.id[1:], "/", "_"), c.number()),
		app:     a.id,
		config:  a.configAt,
		version: a.version,
		node:    n.Name,
		cpus:    numberOf(a.doc["cpus"]),
		mem:     numberOf(a.doc["mem"]),
		gpus:    int(numberOf(a.doc["gpus"])),
		labels:  textMap(a.doc["labels"]),
	}
	c.start(t, now)
	return t
}

func (c *Cluster) start(t *task, now time.Time) {
	t.state, t.since = "TASK_STAGING", now
	c.tasks[t.id] = t
	c.tellMesos(document{"type": "TASK_ADDED", "task_added": document{"task": c.showTask(t)}})
	c.advance(t, now)
}

// finish ends the deployments that have nothing left to do.
func (c *Cluster) finish() {
	c.deployments = slices.DeleteFunc(c.deployments, func(d *deployment) bool {
		if d.held || slices.ContainsFunc(d.apps, c.busy) {
			return false
		}
		c.tell("deployment_success", document{"id": d.id, "plan": document{"id": d.id, "version": d.version}})
		return true
	})
}

// busy says whether a deployment still has to do with the app.
func (c *Cluster) busy(id string) bool {
	a, ready := c.root.apps[id], 0
	for _, t := range c.tasks {
		if t.app != id {
			continue
		}
		if a == nil || t.config != a.configAt || t.state == "TASK_KILLING" {
			return true
		}
		if t.state == "TASK_RUNNING" && !c.unhealthy[id] {
			ready++
		}
	}
	return a != nil && ready != a.instances()
}
