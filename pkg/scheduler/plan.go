package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

// A submission may carry a plan: the outcome that somebody was shown. It is carried out
// exactly as it was shown or refused, in which case what was wanted before still is.

// formerWish is what was wanted before a planned wish that is not decided yet.
type formerWish struct {
	Spec       *event.WorkloadSubmitted `json:"spec"`
	Generation uint64                   `json:"generation"`
	Before     *formerWish              `json:"before,omitempty"`
}

// RefusedPlan is the last submission whose plan did not hold any more.
type RefusedPlan struct {
	Generation uint64 `json:"generation"` // of the submission
	Decision   uint64 `json:"decision"`
	Reason     string `json:"reason"`
}

// formerBefore is what a refusal of the plan that comes next would fall back to.
func (w *workload) formerBefore(d *event.WorkloadSubmitted) *formerWish {
	if d.Plan == nil || w.spec == nil || w.withdrawn {
		return nil
	}
	return &formerWish{w.spec, w.generation, of(w.past).former}
}

// planned says whether a plan waits to be carried out.
func (w *workload) planned() bool { return w.spec.Plan != nil && w.decidedGen != w.generation }

// planRefused says whether the wish was refused for its plan, which nothing mends.
func (w *workload) planRefused() bool {
	return w.spec.Plan != nil && w.decidedGen == w.generation && w.verdict == event.VerdictRefused
}

// carryOut decides as the plan has it, or refuses.
func (s *State) carryOut(w *workload) *event.PlacementDecided {
	d, why := s.exactly(w, w.spec.Plan)
	if why != "" {
		d = s.decision(w, event.VerdictRefused)
		d.Assignments, d.Reason = s.standing(w), clip("the plan is stale: "+why, maxMessage)
	}
	d.Cause = event.CausePlan
	return d
}

// exactly is the decision that the plan describes, or what has changed since.
func (s *State) exactly(w *workload, plan *event.Planned) (*event.PlacementDecided, string) {
	since := uint64(0)
	if former := of(w.past).former; former != nil {
		since = former.Generation
	}
	if since != plan.Generation {
		return nil, fmt.Sprintf("the workload changed: it was planned against generation %d, generation %d stands", plan.Generation, since)
	}
	if c := s.stuck(w); c != nil {
		return nil, fmt.Sprintf("it waits for the word of %s", c.id)
	}
	cands, n, why := s.plannedSeats(w, plan)
	if why != "" {
		return nil, why
	}
	if short := s.exceeded(w, n, 0); short != nil {
		return nil, short.words()
	}
	out := divide(&w.spec.Policy, n, cands)
	if !out.ok || slices.ContainsFunc(cands, func(c *candidate) bool { return c.seats != c.limit }) {
		return nil, "the policy no longer allows these clusters together"
	}
	d := s.afford(w, s.assign(w, cands, 0, out), 0)
	if d.Verdict == event.VerdictHeld {
		return nil, d.Reason
	}
	if price := priceOf(d.Assignments); plan.Price > 0 && price > plan.Price {
		return nil, fmt.Sprintf("the price is higher: planned %s, now %s per hour", micro(plan.Price), micro(price))
	}
	return d, ""
}

// plannedSeats are the clusters of the plan, each limited to what was planned there,
// and how many replicas that is; or which check no longer passes.
func (s *State) plannedSeats(w *workload, plan *event.Planned) (cands []*candidate, n int, why string) {
	q := w.query
	s.prepare(q)
	if s.driven(w) != "" && !s.mayEvict() {
		q = q.staying() // as it was planned: its turn to leave has not come
	}
	for _, a := range plan.Assignments {
		c := s.clusters.byName[a.Cluster]
		if c == nil {
			return nil, 0, fmt.Sprintf("cluster %s is not known", a.Cluster)
		}
		cand := s.candidate(w, q, c)
		if cand.limit < a.Replicas {
			return nil, 0, s.shortOf(w, c, a.Replicas, cand.limit)
		}
		cand.limit, cand.prev = a.Replicas, min(cand.prev, a.Replicas)
		cands, n = append(cands, &cand), min(maxFit, n+a.Replicas)
	}
	if copies(&w.spec.Policy) {
		return cands, w.spec.Replicas, s.otherCopies(w, q, plan)
	}
	if least := w.spec.Policy.MinReplicas; n > w.spec.Replicas || n < w.spec.Replicas && (least == 0 || n < least) {
		return nil, 0, fmt.Sprintf("the plan places %d replicas, %d are wanted", n, w.spec.Replicas)
	}
	return cands, n, ""
}

// otherCopies says that copies would run elsewhere than planned: they run wherever they
// fit, so a plan that leaves such a cluster out does not stand.
func (s *State) otherCopies(w *workload, q *query, plan *event.Planned) string {
	all := s.candidates(w, q)
	divide(&w.spec.Policy, w.spec.Replicas, all)
	for _, c := range all {
		planned := slices.ContainsFunc(plan.Assignments, func(a event.PlannedAssignment) bool { return a.Cluster == c.c.id })
		if c.seats > 0 && !planned {
			return fmt.Sprintf("%s takes a copy now, and is not in the plan", c.c.id)
		}
	}
	return ""
}

// shortOf says why a cluster does not take what was planned there.
func (s *State) shortOf(w *workload, c *cluster, planned, limit int) string {
	var words []string
	for _, ch := range s.row(w, c).Checks {
		if !ch.OK {
			words = append(words, ch.Name+" "+ch.Message)
		}
	}
	if len(words) == 0 {
		return fmt.Sprintf("%s has room for %d of the %d replicas planned there", c.id, limit, planned)
	}
	return fmt.Sprintf("%s no longer takes them: %s", c.id, strings.Join(words, "; "))
}

// takeBack ends a planned wish that was refused: what was wanted before stands again,
// as if nothing had been submitted. False if nothing was wanted before.
func (s *State) takeBack(w *workload, d *event.PlacementDecided, sequence uint64) bool {
	former := of(w.past).former
	if d.Verdict != event.VerdictRefused || d.Cause != event.CausePlan {
		if former != nil {
			w.past.former = nil
		}
		return false
	}
	own(&w.past).refusedPlan = &RefusedPlan{Generation: d.Generation, Decision: sequence, Reason: d.Reason}
	if former == nil {
		return false
	}
	s.forget(w)
	s.ask(w, -1)
	w.spec, w.generation, w.past.former = former.Spec, former.Generation, former.Before
	w.query = s.known.query(w, w.spec)
	s.ask(w, 1)
	s.classify(w)
	s.reinstate(w)
	w.past.older = slices.DeleteFunc(w.past.older, func(o olderWish) bool { return o.Generation == w.generation })
	w.prune()
	s.touch(w)
	return true
}

// micro writes money as a decimal number.
func micro(n int64) string {
	text := fmt.Sprintf("%d.%06d", n/million, n%million)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
