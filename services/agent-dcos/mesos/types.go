package mesos

import "math"

// State is what the master knows, as of one moment.
type State struct {
	Agents struct {
		Agents []Agent `json:"agents"`
	} `json:"get_agents"`
	Tasks struct {
		Pending []Task `json:"pending_tasks"` // not sent to their agent yet
		Tasks   []Task `json:"tasks"`
	} `json:"get_tasks"`
}

// Agent is a node.
type Agent struct {
	Info struct {
		ID         ID          `json:"id"`
		Hostname   string      `json:"hostname"`
		Attributes []Attribute `json:"attributes"`
		Domain     struct {
			FaultDomain struct {
				Region Name `json:"region"`
				Zone   Name `json:"zone"`
			} `json:"fault_domain"`
		} `json:"domain"`
	} `json:"agent_info"`
	Active      bool       `json:"active"`
	Deactivated bool       `json:"deactivated"`
	Drain       *struct{}  `json:"drain_info"`
	Version     string     `json:"version"`
	Total       []Resource `json:"total_resources"`
	Allocated   []Resource `json:"allocated_resources"`
}

// ID is an identifier.
type ID struct {
	Value string `json:"value"`
}

// Name is a region or a zone.
type Name struct {
	Name string `json:"name"`
}

// Attribute is what an operator says of an agent.
type Attribute struct {
	Name   string  `json:"name"`
	Type   string  `json:"type"` // TEXT, SCALAR, RANGES or SET
	Text   *Text   `json:"text"`
	Scalar *Scalar `json:"scalar"`
}

// Text is a value of words.
type Text struct {
	Value string `json:"value"`
}

// Scalar is a value that is a number; Mesos keeps three digits after the point.
type Scalar struct {
	Value float64 `json:"value"`
}

// Resource is an amount of one thing, perhaps kept for one role.
type Resource struct {
	Name         string  `json:"name"` // cpus, mem (MiB), gpus, disk, ports, …
	Type         string  `json:"type"`
	Scalar       *Scalar `json:"scalar"`
	Role         string  `json:"role"` // before reservations could be refined; * for nobody's
	Reservations []struct {
		Role string `json:"role"`
	} `json:"reservations"`
	Allocation *struct {
		Role string `json:"role"`
	} `json:"allocation_info"`
	Revocable *struct{} `json:"revocable"`
}

// Milli is the amount in thousandths, exact.
func (r Resource) Milli() int64 {
	if r.Scalar == nil {
		return 0
	}
	return int64(math.Round(r.Scalar.Value * 1000))
}

// Reserved is the role that the resource is kept for; empty for nobody's.
func (r Resource) Reserved() string {
	if n := len(r.Reservations); n > 0 {
		return r.Reservations[n-1].Role
	}
	if r.Role == "*" {
		return ""
	}
	return r.Role
}

// Task is something that runs.
type Task struct {
	Name      string     `json:"name"`
	ID        ID         `json:"task_id"`
	Framework ID         `json:"framework_id"`
	Agent     ID         `json:"agent_id"`
	State     string     `json:"state"`
	Resources []Resource `json:"resources"`
	Labels    struct {
		Labels []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"labels"`
	} `json:"labels"`
}

// Quota is the limit of one role.
type Quota struct {
	Role   string            `json:"role"`
	Limits map[string]Scalar `json:"limits"`
}
