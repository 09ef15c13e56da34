package reading

import (
	"slices"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/manifest"
	"fairlead.dev/services/agent-dcos/mesos"
)

// Claims are what is allocated on the cluster: the tasks of ours, and per agent all the rest.
func (r Reader) Claims(s *mesos.State, scheme manifest.Scheme) []*inventory.Claim {
	var claims []*inventory.Claim
	owned := map[string]inventory.Room{} // of tasks of ours that are in the sum of what is allocated, by agent
	for i, t := range slices.Concat(s.Tasks.Tasks, s.Tasks.Pending) {
		w, ours := scheme.Owner(Labels(t))
		pending := i >= len(s.Tasks.Tasks)
		if !ours && !pending || Ended(t) {
			continue
		}
		if !ours {
			w = event.WorkloadID{}
		}
		c := r.claim(t, w)
		claims = append(claims, c)
		if !pending {
			owned[c.Node] = plus(owned[c.Node], c.Asked)
		}
	}
	for _, a := range s.Agents.Agents {
		claims = append(claims, &inventory.Claim{
			ID:    "rest of " + a.Info.ID.Value,
			Node:  a.Info.ID.Value,
			Asked: rest(r.Room(a.Allocated), owned[a.Info.ID.Value]),
		})
	}
	return claims
}

func (r Reader) claim(t mesos.Task, w event.WorkloadID) *inventory.Claim {
	asked := r.Room(t.Resources)
	return &inventory.Claim{
		ID:       t.Framework.Value + " " + t.ID.Value,
		Node:     t.Agent.Value,
		Asked:    asked,
		Leaving:  t.State == "TASK_KILLING",
		Workload: w,
		Ready:    t.State == "TASK_RUNNING",
	}
}

// Labels of a task, as Marathon gave them.
func Labels(t mesos.Task) map[string]string {
	labels := make(map[string]string, len(t.Labels.Labels))
	for _, l := range t.Labels.Labels {
		labels[l.Key] = l.Value
	}
	return labels
}

// Ended says whether a task holds nothing any more.
func Ended(t mesos.Task) bool {
	switch t.State {
	case "TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING":
		return false
	}
	return true
}

func plus(a, b inventory.Room) inventory.Room {
	return inventory.Room{CPUMilli: a.CPUMilli + b.CPUMilli, MemoryBytes: a.MemoryBytes + b.MemoryBytes, GPUs: a.GPUs + b.GPUs}
}

func rest(all, owned inventory.Room) inventory.Room {
	return inventory.Room{
		CPUMilli:    max(0, all.CPUMilli-owned.CPUMilli),
		MemoryBytes: max(0, all.MemoryBytes-owned.MemoryBytes),
		GPUs:        max(0, all.GPUs-owned.GPUs),
		Instances:   1,
	}
}
