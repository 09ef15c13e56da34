package double

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

func (c *Cluster) getGroup(w http.ResponseWriter, r *http.Request) {
	id, kind, version := split(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if kind == "" {
		if !c.root.groups[id] {
			written(w, 0, nil, unknownGroup(id))
			return
		}
		give(w, http.StatusOK, c.showGroup(c.root, id))
		return
	}
	list := []string{}
	for _, old := range slices.Backward(c.roots) {
		if old.groups[id] && version == old.version {
			give(w, http.StatusOK, c.showGroup(old, id))
			return
		}
		if old.groups[id] {
			list = append(list, old.version)
		}
	}
	if version != "" {
		written(w, 0, nil, unknownGroup(id))
		return
	}
	give(w, http.StatusOK, list)
}

// createGroup looks for the group before its write waits for others, as Marathon does.
func (c *Cluster) createGroup(w http.ResponseWriter, r *http.Request) {
	doc, version, err := received(r)
	if err != nil {
		written(w, 0, nil, err)
		return
	}
	given, _ := doc["id"].(string)
	id := absolute("/", given)
	c.mu.Lock()
	group, app := c.root.groups[id], c.root.apps[id] != nil
	c.mu.Unlock()
	switch {
	case group:
		err = &conflict{message: "Group " + id + " is already created. Use PUT to change this group."}
	case app:
		err = &conflict{message: "An app with the path " + id + " already exists."}
	}
	if err != nil {
		written(w, 0, nil, err)
		return
	}
	d, err := c.change(version, forced(r), func(next *root) error { return next.setGroup(id, doc) })
	written(w, http.StatusCreated, d, err)
}

func (c *Cluster) putGroup(w http.ResponseWriter, r *http.Request) {
	doc, version, err := received(r)
	if err != nil {
		written(w, 0, nil, err)
		return
	}
	id, _, _ := split(r)
	d, err := c.change(version, forced(r), func(next *root) error {
		if back, roll := doc["version"]; roll {
			return c.roll(next, id, back)
		}
		return next.setGroup(id, doc)
	})
	written(w, http.StatusOK, d, err)
}

// roll makes the group what it was in a version of the root; c.mu is held.
func (c *Cluster) roll(next *root, id string, version any) error {
	for _, old := range slices.Backward(c.roots) {
		if old.version != version || !old.groups[id] {
			continue
		}
		next.removeGroup(id)
		for g := range old.groups {
			if g == id || strings.HasPrefix(g, id+"/") {
				next.addGroup(g)
			}
		}
		for path, a := range old.apps {
			if strings.HasPrefix(path, id+"/") {
				next.apps[path] = a
			}
		}
		return nil
	}
	return unknownGroup(id)
}

// setGroup makes the group what is given. Apps and groups that it lists take the place of those that
// are there; where it lists none they stay.
func (r *root) setGroup(id string, doc document) error {
	if err := checkID(id); err != nil {
		return err
	}
	if r.apps[id] != nil {
		return wrong("/id", "an app with the path %s exists", id)
	}
	r.addGroup(id)
	if apps, listed := doc["apps"].([]any); listed {
		maps.DeleteFunc(r.apps, func(a string, _ *app) bool { return path.Dir(a) == id })
		for _, item := range apps {
			if err := r.setApp(id, item); err != nil {
				return err
			}
		}
	}
	groups, listed := doc["groups"].([]any)
	if !listed {
		return nil
	}
	var named []string
	for _, item := range groups {
		sub, _ := item.(document)
		given, _ := sub["id"].(string)
		named = append(named, absolute(id, given))
		if err := r.setGroup(absolute(id, given), sub); err != nil {
			return err
		}
	}
	for _, g := range slices.Sorted(maps.Keys(r.groups)) {
		if g != "/" && path.Dir(g) == id && !slices.Contains(named, g) {
			r.removeGroup(g)
		}
	}
	return nil
}

func (r *root) setApp(group string, item any) error {
	doc, ok := item.(document)
	if !ok {
		return wrong("/apps", "error.expected.jsobject")
	}
	given, _ := doc["id"].(string)
	id := absolute(group, given)
	if path.Dir(id) != group {
		return wrong("/apps/id", "Identifier %s is not child of %s. Hint: use relative paths.", id, group)
	}
	a, err := normal(id, doc)
	if err != nil {
		return err
	}
	return r.add(a)
}

func (c *Cluster) deleteGroup(w http.ResponseWriter, r *http.Request) {
	_, version, _ := received(r)
	id, _, _ := split(r)
	d, err := c.change(version, forced(r), func(next *root) error {
		if !next.groups[id] {
			return unknownGroup(id)
		}
		next.removeGroup(id)
		return nil
	})
	written(w, http.StatusOK, d, err)
}
