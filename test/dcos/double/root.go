package double

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
)

// document is an app as it is stored, all defaults filled in.
type document = map[string]any

// app is one version of an app. It is never changed.
type app struct {
	id       string
	doc      document
	version  string
	configAt string // version of the last change that replaced tasks
	scaledAt string
}

func (a *app) instances() int { return int(numberOf(a.doc["instances"])) }

// root is one version of the root group. It is never changed once stored.
type root struct {
	version string
	apps    map[string]*app
	groups  map[string]bool // paths, the root's own is "/"
}

func newRoot() *root {
	return &root{version: stamp(time.Now()), apps: map[string]*app{}, groups: map[string]bool{"/": true}}
}

func (r *root) clone() *root {
	return &root{apps: maps.Clone(r.apps), groups: maps.Clone(r.groups)}
}

// addGroup adds a group and those above it.
func (r *root) addGroup(id string) {
	for ; id != "/"; id = path.Dir(id) {
		r.groups[id] = true
	}
}

// removeGroup removes a group with all in it.
func (r *root) removeGroup(id string) {
	maps.DeleteFunc(r.groups, func(g string, _ bool) bool { return g == id || strings.HasPrefix(g, id+"/") })
	maps.DeleteFunc(r.apps, func(a string, _ *app) bool { return strings.HasPrefix(a, id+"/") })
}

// stamp is a version: Marathon's are times in milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// deployment brings the cluster to a new root.
type deployment struct {
	id      string
	version string
	apps    []string
	held    bool // does not end by itself
}

// conflict is a write that meets deployments, or something that exists already.
type conflict struct {
	message     string
	deployments []string
}

func (e *conflict) Error() string { return e.message }

// change is the one way in which anything is written: the next root is made from the present one, and
// a deployment brings it about. version is when the request came in.
func (c *Cluster) change(version string, force bool, make func(next *root) error) (*deployment, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := c.root.clone()
	if err := make(next); err != nil {
		return nil, err
	}
	version = c.unused(version)
	next.version = version
	changed := c.renew(next)
	var locks []string
	for _, d := range c.deployments {
		if slices.ContainsFunc(d.apps, func(id string) bool { return slices.Contains(changed, id) }) {
			locks = append(locks, d.id)
		}
	}
	if len(locks) > 0 && !force {
		return nil, &conflict{lockedMessage, locks}
	}
	c.deployments = slices.DeleteFunc(c.deployments, func(d *deployment) bool { return slices.Contains(locks, d.id) })
	for _, id := range locks {
		c.tell("deployment_failed", document{"id": id, "reason": "halted"})
	}
	d := &deployment{id: fmt.Sprintf("%08x-0000-4000-8000-000000000000", c.number()), version: version, apps: changed}
	c.store(next, changed)
	c.deployments = append(c.deployments, d)
	c.tell("group_change_success", document{"groupId": "/", "version": version})
	c.tell("deployment_info", document{"plan": document{"id": d.id, "version": version}})
	c.wake()
	return d, nil
}

// unused moves a version on that another write has: two requests in one millisecond are rare on a real
// Marathon, whose writes take longer, and the rule here.
func (c *Cluster) unused(version string) string {
	for slices.ContainsFunc(c.roots, func(r *root) bool { return r.version == version }) {
		at, err := time.Parse(time.RFC3339, version)
		if err != nil {
			panic("double: " + err.Error())
		}
		version = stamp(at.Add(time.Millisecond))
	}
	return version
}

const lockedMessage = "App is locked by one or more deployments. Override with the option '?force=true'. " +
	"View details at '/v2/deployments/<DEPLOYMENT_ID>'."

// renew gives new versions to the apps that changed, and names them with those that are gone.
func (c *Cluster) renew(next *root) []string {
	var changed []string
	for id, a := range next.apps {
		was := c.root.apps[id]
		if was != nil && reflect.DeepEqual(was.doc, a.doc) {
			next.apps[id] = was
			continue
		}
		changed = append(changed, id)
		renewed := &app{id: id, doc: a.doc, version: next.version, configAt: next.version, scaledAt: next.version}
		if was != nil && sameButInstances(was.doc, a.doc) {
			renewed.configAt = was.configAt
		}
		next.apps[id] = renewed
	}
	for id := range c.root.apps {
		if next.apps[id] == nil {
			changed = append(changed, id)
		}
	}
	slices.Sort(changed)
	return changed
}

func sameButInstances(a, b document) bool {
	x, y := maps.Clone(a), maps.Clone(b)
	delete(x, "instances")
	delete(y, "instances")
	return reflect.DeepEqual(x, y)
}

// mostRoots is how many versions of the root are kept.
const mostRoots = 500

func (c *Cluster) store(next *root, changed []string) {
	c.root = next
	c.roots = append(c.roots, next)
	if len(c.roots) > mostRoots {
		c.roots = c.roots[1:]
	}
	for _, id := range changed {
		a := next.apps[id]
		if a == nil {
			delete(c.history, id)
			delete(c.failures, id)
			delete(c.delays, id)
			continue
		}
		delete(c.delays, id)
		c.history[id] = append(c.history[id], a)
	}
}

// Apps gives every app as Marathon would show it, by path.
func (c *Cluster) Apps() map[string]map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	apps := map[string]map[string]any{}
	for id, a := range c.root.apps {
		apps[id] = c.show(a)
	}
	return apps
}

// Write does a write as a client would, with a path such as /v2/apps/web; it panics when refused.
func (c *Cluster) Write(method, target string, body any) {
	answer := c.direct(method, target, body)
	if answer.status >= http.StatusBadRequest {
		panic(fmt.Sprintf("double: %s %s: %d %s", method, target, answer.status, answer.text))
	}
}
