package double

import (
	"regexp"
	"time"
)

// waiting is an app in the queue.
type waiting struct {
	count     int
	since     time.Time
	delay     time.Duration
	processed int
	declined  map[string]int // by reason
}

// funnel are the reasons in the order in which Marathon asks.
var funnel = []string{
	"UnfulfilledRole", "UnfulfilledConstraint", "NoCorrespondingReservationFound", "AgentMaintenance",
	"InsufficientCpus", "InsufficientMemory", "InsufficientDisk", "InsufficientGpus", "InsufficientPorts", "DeclinedScarceResources",
}

// offer finds a node for one instance, or counts why none would do.
func (c *Cluster) offer(a *app, w *waiting) *Node {
	w.declined = map[string]int{}
	if c.beyondQuota(a) {
		return nil // Mesos makes no offer
	}
	for i := range c.cfg.Nodes {
		n := &c.cfg.Nodes[i]
		if c.away[n.Name] {
			continue
		}
		w.processed++
		reason := c.declines(n, a)
		if reason == "" {
			return n
		}
		w.declined[reason]++
	}
	return nil
}

func (c *Cluster) declines(n *Node, a *app) string {
	cpus, mem, gpus := c.free(n)
	switch {
	case n.Reserved != "" && n.Reserved != c.cfg.Role:
		return "UnfulfilledRole"
	case !fulfils(n, a.doc["constraints"]):
		return "UnfulfilledConstraint"
	case numberOf(a.doc["cpus"]) > cpus+1e-9:
		return "InsufficientCpus"
	case numberOf(a.doc["mem"]) > mem+1e-9:
		return "InsufficientMemory"
	case int(numberOf(a.doc["gpus"])) > gpus:
		return "InsufficientGpus"
	}
	return ""
}

// free is what nobody has of a node.
func (c *Cluster) free(n *Node) (cpus, mem float64, gpus int) {
	cpus, mem, gpus = n.CPUs, n.MemMiB, n.GPUs
	for _, t := range c.tasks {
		if t.node == n.Name {
			cpus, mem, gpus = cpus-t.cpus, mem-t.mem, gpus-t.gpus
		}
	}
	return cpus, mem, gpus
}

func (c *Cluster) beyondQuota(a *app) bool {
	limits := c.quotas[c.cfg.Role]
	cpus, mem := numberOf(a.doc["cpus"]), numberOf(a.doc["mem"])
	for _, t := range c.tasks {
		if t.app != "" {
			cpus, mem = cpus+t.cpus, mem+t.mem
		}
	}
	beyond := func(name string, used float64) bool {
		limit, limited := limits[name]
		return limited && used > limit+1e-9
	}
	return beyond("cpus", cpus) || beyond("mem", mem)
}

// fulfils judges constraints of the kinds that do not look at other tasks.
func fulfils(n *Node, constraints any) bool {
	list, _ := constraints.([]any)
	for _, item := range list {
		words := texts(item)
		value, has := n.Attributes[words[0]]
		switch words[0] {
		case "@region":
			value, has = n.Region, n.Region != ""
		case "@zone":
			value, has = n.Zone, n.Zone != ""
		case "hostname", "@hostname":
			value, has = n.Name, true
		}
		if !has {
			if words[1] != "UNLIKE" {
				return false
			}
			continue
		}
		matches := false
		if len(words) > 2 {
			matches = regexp.MustCompile("^(?:" + words[2] + ")$").MatchString(value) // it was compiled when it came in
		}
		switch words[1] {
		case "LIKE", "IS", "CLUSTER":
			if !matches {
				return false
			}
		case "UNLIKE":
			if matches {
				return false
			}
		}
	}
	return true
}
