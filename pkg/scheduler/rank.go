package scheduler

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

// rank orders workloads by what they are: priority first, then age, then name. It is
// total. Whose turn it is says turn.go.
func rank(a, b *workload) int {
	return cmp.Or(
		cmp.Compare(b.priority, a.priority),
		cmp.Compare(a.generation, b.generation),
		a.id.Compare(b.id))
}

// classify gives a workload the priority of its class, or its own.
func (s *State) classify(w *workload) {
	p := &w.spec.Policy
	w.priority, w.preempts = int32(p.Priority), p.Preempts
	if class := s.priorityClass(p.PriorityClass); class != nil {
		w.priority, w.preempts = int32(class.Priority), p.Preempts || class.Preempts
	}
}

// priorityClass finds a class of the fleet, nil if there is none of the name.
func (s *State) priorityClass(name string) *event.PriorityClass {
	if name == "" || s.fleet == nil {
		return nil
	}
	at := slices.IndexFunc(s.fleet.Priorities, func(p event.PriorityClass) bool { return p.Name == name })
	if at < 0 {
		return nil
	}
	return &s.fleet.Priorities[at]
}

// applyFleet takes up a policy of the fleet. Where it changes the order of workloads,
// the queue is made anew.
func (s *State) applyFleet(d *event.PolicySet) {
	old, aging := s.fleet, s.aging()
	s.fleet = d
	if aging == s.aging() && slices.Equal(prioritiesOf(old), d.Priorities) {
		return
	}
	for _, id := range s.workloadIDs() {
		s.classify(s.workloads[id])
	}
	s.requeue()
}

func prioritiesOf(d *event.PolicySet) []event.PriorityClass {
	if d == nil {
		return nil
	}
	return d.Priorities
}
