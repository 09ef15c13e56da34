package double

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// operator is Mesos' v1 operator API, in JSON.
func (c *Cluster) operator(w http.ResponseWriter, r *http.Request) {
	var call struct {
		Type string `json:"type"`
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "Failed to parse body into JSON: "+err.Error())
		return
	}
	if call.Type == "SUBSCRIBE" {
		c.subscribe(w, r)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := document{"type": call.Type}
	switch call.Type {
	case "GET_HEALTH":
		answer["get_health"] = document{"healthy": true}
	case "GET_VERSION":
		answer["get_version"] = document{"version_info": document{"version": "1.11.0"}}
	case "GET_STATE":
		answer["get_state"] = c.state()
	case "GET_AGENTS":
		answer["get_agents"] = c.agents()
	case "GET_TASKS":
		answer["get_tasks"] = c.getTasks()
	case "GET_FRAMEWORKS":
		answer["get_frameworks"] = c.frameworks()
	case "GET_QUOTA":
		answer["get_quota"] = document{"status": document{"configs": c.configs()}}
	default:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "Failed to validate master::Call: Unknown call type "+call.Type)
		return
	}
	give(w, http.StatusOK, answer)
}

func (c *Cluster) state() document {
	return document{
		"get_agents": c.agents(), "get_tasks": c.getTasks(), "get_frameworks": c.frameworks(), "get_executors": document{},
	}
}

func (c *Cluster) agents() document {
	list := []document{}
	for _, n := range c.cfg.Nodes {
		info := document{
			"id": document{"value": n.Name}, "hostname": n.Name, "port": 5051,
			"resources": resources(n.CPUs, n.MemMiB, n.GPUs, n.Reserved, ""),
		}
		attributes := []document{}
		for _, key := range slices.Sorted(maps.Keys(n.Attributes)) {
			attributes = append(attributes, document{"name": key, "type": "TEXT", "text": document{"value": n.Attributes[key]}})
		}
		info["attributes"] = attributes
		if n.Region != "" {
			info["domain"] = document{"fault_domain": document{"region": document{"name": n.Region}, "zone": document{"name": n.Zone}}}
		}
		cpus, mem, gpus := c.free(&n)
		list = append(list, document{
			"agent_info": info, "active": !c.away[n.Name], "version": "1.11.0", "pid": "slave(1)@127.0.0.1:5051",
			"total_resources":     resources(n.CPUs, n.MemMiB, n.GPUs, n.Reserved, ""),
			"allocated_resources": resources(n.CPUs-cpus, n.MemMiB-mem, n.GPUs-gpus, n.Reserved, c.cfg.Role),
			"offered_resources":   []document{},
		})
	}
	return document{"agents": list, "recovered_agents": []document{}}
}

// resources are amounts as Mesos lists them; allocated is the role that has them, if any has.
func resources(cpus, mem float64, gpus int, reserved, allocated string) []document {
	list := []document{}
	for _, r := range []struct {
		name   string
		amount float64
	}{{"cpus", cpus}, {"mem", mem}, {"gpus", float64(gpus)}} {
		if r.amount < 0.0005 {
			continue
		}
		x := document{"name": r.name, "type": "SCALAR", "scalar": document{"value": r.amount}, "role": "*"}
		if reserved != "" {
			x["reservations"] = []document{{"type": "STATIC", "role": reserved}}
			x["role"] = reserved
		}
		if allocated != "" {
			x["allocation_info"] = document{"role": allocated}
		}
		list = append(list, x)
	}
	return list
}

func (c *Cluster) getTasks() document {
	list := []document{}
	for _, id := range slices.Sorted(maps.Keys(c.tasks)) {
		list = append(list, c.showTask(c.tasks[id]))
	}
	return document{"tasks": list, "completed_tasks": []document{}, "unreachable_tasks": []document{}}
}

// showTask is a task as Mesos shows it. Its name is its app's path the other way round.
func (c *Cluster) showTask(t *task) document {
	words := strings.Split(strings.Trim(t.app, "/"), "/")
	slices.Reverse(words)
	framework := frameworkID
	if t.app == "" {
		framework, words = "another-0000", []string{t.id}
	}
	labels := []document{}
	for _, key := range slices.Sorted(maps.Keys(t.labels)) {
		labels = append(labels, document{"key": key, "value": t.labels[key]})
	}
	return document{
		"name": strings.Join(words, "."), "task_id": document{"value": t.id}, "framework_id": document{"value": framework},
		"agent_id": document{"value": t.node}, "state": t.state, "resources": resources(t.cpus, t.mem, t.gpus, "", c.cfg.Role),
		"statuses": []document{}, "labels": document{"labels": labels},
	}
}

func (c *Cluster) frameworks() document {
	return document{"frameworks": []document{{
		"framework_info": document{"id": document{"value": frameworkID}, "name": "marathon", "user": "root", "roles": []string{c.cfg.Role}},
		"active":         true, "connected": true, "recovered": false,
	}}}
}

func (c *Cluster) configs() []document {
	list := []document{}
	for _, role := range slices.Sorted(maps.Keys(c.quotas)) {
		limits := document{}
		for name, value := range c.quotas[role] {
			limits[name] = document{"value": value}
		}
		list = append(list, document{"role": role, "limits": limits, "guarantees": document{}})
	}
	return list
}
