package double

import (
	"maps"
	"net/http"
	"path"
	"slices"
)

// definition is an app without what its tasks tell.
func definition(a *app) document {
	doc := maps.Clone(a.doc)
	doc["version"] = a.version
	doc["versionInfo"] = document{"lastConfigChangeAt": a.configAt, "lastScalingAt": a.scaledAt}
	return doc
}

// show is an app as Marathon shows it; c.mu is held.
func (c *Cluster) show(a *app) document {
	doc := definition(a)
	staged, running, healthy, unhealthy := 0, 0, 0, 0
	checked := len(a.doc["healthChecks"].([]any)) > 0
	for _, t := range c.tasks {
		switch {
		case t.app != a.id:
		case t.state == "TASK_STAGING":
			staged++
		case t.state == "TASK_RUNNING":
			running++
			if checked && c.unhealthy[a.id] {
				unhealthy++
			} else if checked {
				healthy++
			}
		}
	}
	doc["tasksStaged"], doc["tasksRunning"] = staged, running
	doc["tasksHealthy"], doc["tasksUnhealthy"] = healthy, unhealthy
	deployments := []document{}
	for _, d := range c.deployments {
		if slices.Contains(d.apps, a.id) {
			deployments = append(deployments, document{"id": d.id})
		}
	}
	doc["deployments"] = deployments
	if f := c.failures[a.id]; f != nil {
		doc["lastTaskFailure"] = document{
			"appId": a.id, "host": f.node, "message": f.message, "state": f.state, "taskId": f.id, "timestamp": f.at, "version": f.version,
		}
	}
	return doc
}

// showGroup is a group with all in it; c.mu is held.
func (c *Cluster) showGroup(r *root, id string) document {
	apps, groups := []document{}, []document{}
	for _, a := range slices.Sorted(maps.Keys(r.apps)) {
		if path.Dir(a) == id {
			apps = append(apps, c.show(r.apps[a]))
		}
	}
	for _, g := range slices.Sorted(maps.Keys(r.groups)) {
		if g != "/" && path.Dir(g) == id {
			groups = append(groups, c.showGroup(r, g))
		}
	}
	return document{"id": id, "apps": apps, "groups": groups, "pods": []any{}, "dependencies": []any{}, "version": r.version}
}

// showTasks are an app's tasks as Marathon shows them; c.mu is held.
func (c *Cluster) showTasks(id string) []document {
	list := []document{}
	for _, key := range slices.Sorted(maps.Keys(c.tasks)) {
		t := c.tasks[key]
		if t.app == "" || id != "" && t.app != id {
			continue
		}
		list = append(list, document{
			"id": t.id, "appId": t.app, "host": t.node, "slaveId": t.node, "state": t.state, "version": t.version,
			"stagedAt": stamp(t.since), "startedAt": stamp(t.since), "ports": []int{}, "servicePorts": []int{},
		})
	}
	return list
}

func (c *Cluster) allTasks(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	give(w, http.StatusOK, document{"tasks": c.showTasks("")})
}

func (c *Cluster) listDeployments(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []document{}
	for _, d := range c.deployments {
		actions := []document{}
		for _, id := range d.apps {
			actions = append(actions, document{"action": "ScaleApplication", "app": id})
		}
		list = append(list, document{
			"id": d.id, "version": d.version, "affectedApps": d.apps, "affectedPods": []string{}, "currentStep": 1, "totalSteps": 1,
			"steps": []document{{"actions": actions}}, "currentActions": actions,
		})
	}
	give(w, http.StatusOK, list)
}

// haltDeployment ends one where it stands, as force does.
func (c *Cluster) haltDeployment(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := r.PathValue("id")
	for i, d := range c.deployments {
		if d.id == id {
			c.deployments = slices.Delete(c.deployments, i, i+1)
			give(w, http.StatusAccepted, document{"version": d.version, "deploymentId": d.id})
			return
		}
	}
	written(w, 0, nil, unknown("DeploymentPlan "+id+" does not exist"))
}

func (c *Cluster) queue(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []document{}
	for _, id := range slices.Sorted(maps.Keys(c.waiting)) {
		x, a := c.waiting[id], c.root.apps[id]
		if a == nil {
			continue
		}
		rejects, left := []document{}, x.processed
		for _, reason := range funnel {
			rejects = append(rejects, document{"reason": reason, "declined": x.declined[reason], "processed": left})
			left -= x.declined[reason]
		}
		seconds := int(x.delay.Seconds() + 0.999)
		list = append(list, document{
			"count": x.count, "app": definition(a), "since": stamp(x.since), "role": c.cfg.Role,
			"delay": document{"timeLeftSeconds": seconds, "overdue": seconds == 0},
			"processedOffersSummary": document{
				"processedOffersCount": x.processed, "unusedOffersCount": x.processed,
				"rejectSummaryLastOffers": rejects, "rejectSummaryLaunchAttempt": rejects,
			},
			"lastUnusedOffers": []document{},
		})
	}
	give(w, http.StatusOK, document{"queue": list})
}
