package scheduler

import (
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// A claim keeps the room of one cluster for one workload that waits: others that do
// not outrank its owner get nothing new there. It begins with a decision that says
// `preempting`, for one of two reasons:
//
//   - others of lower priority give way to the owner there (preempt.go). What they give
//     is free only when a report of the cluster says so, and until then nobody may
//     take it;
//   - the owner has waited for so long that it may no longer be passed by smaller
//     ones that take the room it waits for (reserve.go).
//
// It ends with the next decision on the owner, with a new wish, or when its time is
// over. A workload has one claim at most, a cluster bears one at most.

// claimMillis is how long a first claim lasts in observed time; each further one of
// the same workload lasts twice as long, so that one of them outlasts whatever runs
// there.
const (
	claimMillis   = 120_000
	claimDoubling = 10 // times at most
)

// claim is what a workload keeps others from.
type claim struct {
	Cluster event.ClusterID `json:"cluster"`
	Until   int64           `json:"until"` // observed ms
	Givers  []giver         `json:"givers,omitempty"`
}

// giver is a workload that gives way on the claimed cluster.
type giver struct {
	Tenant event.Tenant       `json:"tenant"`
	Name   event.WorkloadName `json:"name"`
	Keep   int                `json:"keep"` // replicas it may go on with there
}

// applyClaim takes up what a decision on the owner says of a claim.
func (s *State) applyClaim(w *workload, d *event.PlacementDecided) {
	if c := w.claimed(); c != nil && c.Cluster == d.Preempting {
		return
	}
	s.endClaim(w)
	c := s.clusters.byName[d.Preempting]
	if d.Preempting == "" || c == nil || c.claimant != nil {
		return
	}
	e := own(&w.efforts)
	e.claim = &claim{Cluster: c.id, Until: d.Observed + claimMillis<<min(e.claims, claimDoubling)}
	e.claims++
	for _, v := range d.Victims {
		id := event.WorkloadID{Tenant: v.Tenant, Name: v.Workload}
		e.claim.Givers = append(e.claim.Givers, giver{id.Tenant, id.Name, max(0, s.seatOf(id, c).held()-v.Replicas)})
		if giver := s.workloads[id]; giver != nil {
			s.touch(giver)
		}
	}
	s.claim(w, c)
}

// claim notes on the cluster whose room is kept there.
func (s *State) claim(w *workload, c *cluster) {
	c.claimant = w
	at, _ := slices.BinarySearchFunc(s.claims, c.id, func(o *workload, id event.ClusterID) int { return compareIDs(o.claimed().Cluster, id) })
	s.claims = slices.Insert(s.claims, at, w)
}

func compareIDs(a, b event.ClusterID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// endClaim gives the room free to everybody.
func (s *State) endClaim(w *workload) {
	if w.claimed() == nil {
		return
	}
	c := s.clusters.byName[w.claimed().Cluster]
	w.efforts.claim, c.claimant = nil, nil
	if *w.efforts == (efforts{}) {
		w.efforts = nil
	}
	s.claims = slices.DeleteFunc(s.claims, func(o *workload) bool { return o == w })
	s.improved(c)
}

// endClaims ends the claims whose time is over, at a tick. An owner that only waited
// begins to age anew, so that others have their turn.
func (s *State) endClaims() {
	for _, w := range slices.Clone(s.claims) {
		if w.claimed().Until > s.observed {
			continue
		}
		if len(w.claimed().Givers) == 0 {
			s.rejuvenate(w)
		}
		s.endClaim(w)
	}
}

// rejuvenate lets a workload that waits age from now on.
func (s *State) rejuvenate(w *workload) {
	hungry := w.slot.group != nil
	s.leaveGroup(w)
	w.since = s.observed
	if hungry {
		s.joinGroup(w)
	}
	if w.slot.dirty.taken() {
		s.touch(w)
	}
}

// keeps says whether the cluster keeps its room from the workload.
func (s *State) keeps(w *workload, c *cluster) bool {
	o := c.claimant
	return o != nil && o.id != w.id && (w.priority <= o.priority || s.level(w) <= s.level(o))
}

// keptCheck is the name of the check in refusals and explanations.
const keptCheck = "kept"

// tellKept is the line of the explanation; false where nothing is kept.
func (s *State) tellKept(w *workload, c *cluster) (Check, bool) {
	o := c.claimant
	if o == nil {
		return Check{}, false
	}
	kept := s.keeps(w, c) && !s.trial.mends(c, keptCheck)
	message := fmt.Sprintf("room is kept for %s (priority %d) for another %s", o.id, o.priority, seconds(max(0, o.claimed().Until-s.observed)))
	if o.id == w.id {
		message = fmt.Sprintf("room is kept for it, for another %s", seconds(max(0, o.claimed().Until-s.observed)))
	}
	return Check{Name: keptCheck, OK: !kept, Need: int64(o.priority) + 1, Have: int64(w.priority), Message: message}, true
}

// gives says how many replicas the workload may go on with on a cluster where it gives
// way; false where it need not.
func (s *State) gives(w *workload, c *cluster) (keep int, must bool) {
	if c.claimant == nil {
		return 0, false
	}
	for _, g := range c.claimant.claimed().Givers {
		if g.Tenant == w.id.Tenant && g.Name == w.id.Name {
			t := w.on(c).standing()
			return g.Keep, t != nil && t.held() > g.Keep && t.Generation == w.generation
		}
	}
	return 0, false
}

// mustGive is the cluster on which the workload still has to give way, nil if none.
func (s *State) mustGive(w *workload) *cluster {
	if len(s.claims) == 0 || w.withdrawn || w.decidedGen != w.generation {
		return nil
	}
	for _, st := range w.seats {
		if _, must := s.gives(w, st.c); must {
			return st.c
		}
	}
	return nil
}

// yield takes from the workload what it gives to another. One that would be left with
// too few replicas to be worth running gives all, everywhere.
func (s *State) yield(w *workload, attempt int) *event.PlacementDecided {
	c := s.mustGive(w)
	if c == nil {
		return nil
	}
	keep, _ := s.gives(w, c)
	rest := w.stays() - (w.on(c).held() - keep)
	d := s.decision(w, event.VerdictPreempted)
	d.Attempt, d.Cause, d.For = attempt, event.CausePreemption, c.claimant.id.String()
	d.Reason = fmt.Sprintf("gives way to %s on %s", c.claimant.id, c.id)
	for _, a := range s.standing(w) {
		switch {
		case rest < w.floor():
			a = event.Assignment{Cluster: a.Cluster, Command: s.clusters.byName[a.Cluster].next, Incarnation: s.clusters.byName[a.Cluster].synced}
		case a.Cluster == c.id:
			a.Replicas, a.Shapes, a.Leaving = keep, trim(a.Shapes, keep), 0
			a.Command, a.Incarnation = c.next, c.synced
			s.price(c, w.spec.Template.Resources, &a)
		}
		d.Unfilled += a.Replicas - a.Leaving
		d.Assignments = append(d.Assignments, a)
	}
	d.Unfilled = max(0, w.spec.Replicas-d.Unfilled)
	return d
}

// stays counts the replicas that are not on their way to another cluster.
func (w *workload) stays() int {
	n := 0
	for _, st := range w.seats {
		n += st.held() - w.leavingOn(st.c.id)
	}
	return n
}

// floor is the fewest replicas it goes on with: a gang runs whole or not at all.
func (w *workload) floor() int {
	p := &w.spec.Policy
	if w.spec.Kind == event.KindJob && p.MinReplicas == 0 {
		return w.spec.Replicas
	}
	return max(1, p.MinReplicas)
}
