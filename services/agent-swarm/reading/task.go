package reading

import (
	"cmp"

	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

// Task keeps of a task what reports need. Its workload is left to the caller.
func (r Reader) Task(t swarm.Task) *inventory.Claim {
	c := &inventory.Claim{
		ID:      t.ID,
		Node:    t.NodeID,
		Asked:   r.Asked(t.Spec.Resources),
		Ended:   Ended(t),
		Leaving: Leaving(t),
		Ready:   t.Status.State == swarm.TaskStateRunning && !Leaving(t),
	}
	if !c.Ready && !c.Ended {
		c.Reason = Reason(t)
	}
	return c
}

// Asked is what one replica reserves, rounded up.
func (r Reader) Asked(needs *swarm.ResourceRequirements) inventory.Room {
	asked := inventory.Room{Instances: 1}
	if needs == nil || needs.Reservations == nil {
		return asked
	}
	asked.CPUMilli = (needs.Reservations.NanoCPUs + manifest.NanoPerMilli - 1) / manifest.NanoPerMilli
	asked.MemoryBytes = needs.Reservations.MemoryBytes
	r.count(&asked, needs.Reservations.GenericResources)
	return asked
}

// Ended says whether a task holds nothing any more.
func Ended(t swarm.Task) bool {
	switch t.Status.State {
	case swarm.TaskStateComplete, swarm.TaskStateShutdown, swarm.TaskStateFailed,
		swarm.TaskStateRejected, swarm.TaskStateRemove, swarm.TaskStateOrphaned:
		return true
	}
	return false
}

// Leaving says whether Swarm wants a task to end. A job's task is wanted to complete, and is not
// leaving.
func Leaving(t swarm.Task) bool {
	switch t.DesiredState {
	case swarm.TaskStateShutdown, swarm.TaskStateRemove, swarm.TaskStateOrphaned,
		swarm.TaskStateFailed, swarm.TaskStateRejected:
		return true
	}
	return false
}

// Reason is why a task does not run, in Swarm's words: the state it is in, and what it says of it.
func Reason(t swarm.Task) event.Reason {
	return event.Reason{Reason: string(t.Status.State), Message: cmp.Or(t.Status.Err, t.Status.Message)}
}

// Unschedulable says whether Swarm looked for a node for the task and found none.
func Unschedulable(t swarm.Task) bool {
	return t.Status.State == swarm.TaskStatePending && t.Status.Err != ""
}
