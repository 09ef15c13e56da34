package double

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

func (c *Cluster) listApps(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []document{}
	for _, id := range slices.Sorted(maps.Keys(c.root.apps)) {
		if strings.Contains(id, r.URL.Query().Get("id")) {
			list = append(list, c.show(c.root.apps[id]))
		}
	}
	give(w, http.StatusOK, document{"apps": list})
}

func (c *Cluster) getApp(w http.ResponseWriter, r *http.Request) {
	id, kind, version := split(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.root.apps[id]
	if a == nil {
		written(w, 0, nil, unknownApp(id))
		return
	}
	switch {
	case kind == "tasks":
		give(w, http.StatusOK, document{"tasks": c.showTasks(id)})
	case kind == "versions" && version == "":
		list := []string{}
		for _, old := range slices.Backward(c.history[id]) {
			list = append(list, old.version)
		}
		give(w, http.StatusOK, document{"versions": list})
	case kind == "versions":
		for _, old := range c.history[id] {
			if old.version == version {
				give(w, http.StatusOK, definition(old))
				return
			}
		}
		written(w, 0, nil, unknown("App '"+id+"' does not exist in version "+version))
	default:
		shown := c.show(a)
		shown["tasks"] = c.showTasks(id)
		give(w, http.StatusOK, document{"app": shown})
	}
}

func (c *Cluster) createApp(w http.ResponseWriter, r *http.Request) {
	doc, version, err := received(r)
	if err != nil {
		written(w, 0, nil, err)
		return
	}
	given, _ := doc["id"].(string)
	id := absolute("/", given)
	var made *app
	_, err = c.change(version, forced(r), func(next *root) error {
		a, err := normal(id, doc)
		if err != nil {
			return err
		}
		if next.apps[id] != nil {
			return &conflict{message: "An app with id [" + id + "] already exists."}
		}
		return next.add(a)
	})
	if err != nil {
		written(w, 0, nil, err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if made = c.root.apps[id]; made == nil {
		written(w, 0, nil, unknownApp(id))
		return
	}
	give(w, http.StatusCreated, c.show(made))
}

// add puts an app into its group, which it may not share a path with.
func (r *root) add(a *app) error {
	for above := path.Dir(a.id); above != "/"; above = path.Dir(above) {
		if r.apps[above] != nil {
			return wrong("/id", "an app with the path %s exists", above)
		}
	}
	if r.groups[a.id] {
		return wrong("/id", "a group with the path %s exists", a.id)
	}
	r.addGroup(path.Dir(a.id))
	r.apps[a.id] = a
	return nil
}

// putApp makes or changes an app; by default the fields that are given alone.
func (c *Cluster) putApp(w http.ResponseWriter, r *http.Request) {
	doc, version, err := received(r)
	if err != nil {
		written(w, 0, nil, err)
		return
	}
	id, _, _ := split(r)
	status := http.StatusOK
	d, err := c.change(version, forced(r), func(next *root) error {
		whole := doc
		switch was := next.apps[id]; {
		case was == nil:
			status = http.StatusCreated
		case doc["version"] != nil:
			old := c.versionOf(id, doc["version"])
			if old == nil {
				return unknownApp(id)
			}
			whole = old.doc
		case r.URL.Query().Get("partialUpdate") != "false":
			whole = maps.Clone(was.doc)
			maps.Copy(whole, doc)
		}
		a, err := normal(id, whole)
		if err != nil {
			return err
		}
		return next.add(a)
	})
	written(w, status, d, err)
}

// versionOf is an app in one of its versions; c.mu is held.
func (c *Cluster) versionOf(id string, version any) *app {
	for _, old := range c.history[id] {
		if old.version == version {
			return old
		}
	}
	return nil
}

func (c *Cluster) deleteApp(w http.ResponseWriter, r *http.Request) {
	_, version, _ := received(r)
	id, _, _ := split(r)
	d, err := c.change(version, forced(r), func(next *root) error {
		if next.apps[id] == nil {
			return unknownApp(id)
		}
		delete(next.apps, id)
		return nil
	})
	written(w, http.StatusOK, d, err)
}
