package manifest

import (
	"strconv"

	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Read reads a service of ours. What its tasks tell is not in it. One that is marked as leaving is still
// there, and no longer what was applied: should whoever marked it be gone, the runtime removes it, or
// makes it anew.
func (s Scheme) Read(service swarm.Service) agent.Object {
	id, _ := s.Owner(service.Spec.Labels)
	o := agent.Object{
		Workload:   id,
		Token:      Token(service.Spec.Labels),
		Generation: number(service.Spec.Labels[LabelGeneration]),
		Wanted:     Replicas(service.Spec.Mode),
	}
	if service.Spec.Labels[LabelDigest] == Digest(service.Spec) {
		o.Hash = service.Spec.Labels[LabelHash]
	}
	return o
}

// Kind tells what a service of ours is.
func Kind(m swarm.ServiceMode) event.Kind {
	if m.ReplicatedJob != nil {
		return event.KindJob
	}
	return event.KindService
}

// Replicas is how many a service asks for.
func Replicas(m swarm.ServiceMode) int {
	switch {
	case m.Replicated != nil && m.Replicated.Replicas != nil:
		return int(*m.Replicated.Replicas)
	case m.ReplicatedJob != nil && m.ReplicatedJob.TotalCompletions != nil:
		return int(*m.ReplicatedJob.TotalCompletions)
	}
	return 0
}

// Token is the fence that labels carry; 0 for none that can be read.
func Token(labels map[string]string) uint64 { return number(labels[LabelToken]) }

// Leaving says whether a service is about to be removed.
func Leaving(labels map[string]string) bool { return labels[LabelLeaving] != "" }

func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64) // unreadable is 0: any command may mend it
	return n
}
