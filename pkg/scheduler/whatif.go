package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// trial is a question of the kind "what if": on one cluster the named checks count as
// passed. It is nil in every state that decides.
type trial struct {
	cluster event.ClusterID
	checks  []string
	room    bool // whatever is asked finds room there
	afresh  bool // nothing stays for having been there
}

// mends says whether the check counts as passed on the cluster.
func (t *trial) mends(c *cluster, check string) bool {
	return t != nil && t.cluster == c.id && slices.Contains(t.checks, check)
}

// fits is the number of replicas that fit, as it is or as the trial has it.
func (t *trial) fits(c *cluster, q *query, fits int) int {
	if t == nil || !t.room || t.cluster != c.id {
		return fits
	}
	return max(fits, q.spec.Replicas)
}

// prev is the number of replicas that stay where they are.
func (t *trial) prev(n int) int {
	if t != nil && t.afresh {
		return 0
	}
	return n
}

// tier is the tier of a cluster; one that is in none, which is mended, joins the last.
func (t *trial) tier(q *query, tier int) int {
	if t != nil && tier < 0 {
		return max(0, len(q.spec.Policy.Tiers)-1)
	}
	return tier
}

// mended is the state with checks of one cluster mended: another view of the same
// facts, in which nothing may be applied.
func (s *State) mended(c *cluster, checks []string) *State {
	view := *s
	view.trial = &trial{cluster: c.id, checks: checks, room: slices.ContainsFunc(checks, isRoomCheck), afresh: true}
	return &view
}

// isRoomCheck tells the checks for room from those of the table.
func isRoomCheck(name string) bool {
	return !slices.ContainsFunc(checks, func(ch check) bool { return ch.name == name })
}

// afresh is the workload as if it were divided anew now, whatever stands.
func (s *State) afresh(w *workload) *workload {
	spec := *w.spec
	spec.Plan, spec.Policy.Division = nil, event.DivisionFresh
	return s.another(w, &spec)
}

// another is the workload with another wish, that nothing was decided on.
func (s *State) another(w *workload, spec *event.WorkloadSubmitted) *workload {
	out := *w
	out.withdrawn = false
	if w.remarks != nil {
		said := *w.remarks
		said.notBefore = 0
		out.remarks = &said
	}
	out.spec, out.query, out.generation = spec, s.known.query(&out, spec), w.generation+1
	return &out
}

// outcome is what deciding would bring: targets by cluster, without what leaves.
func (s *State) outcome(w *workload) *event.PlacementDecided {
	if d := s.evaluate(w); d != nil {
		return d
	}
	return &event.PlacementDecided{Verdict: w.verdict, Assignments: w.assignments()}
}

// target is how many replicas the assignments give a cluster for good.
func target(all []event.Assignment, id event.ClusterID) int {
	for _, a := range all {
		if a.Cluster == id {
			return a.Replicas - a.Leaving
		}
	}
	return 0
}
