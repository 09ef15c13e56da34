package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// evaluate decides on one workload; nil when the decision that stands is right.
func (s *State) evaluate(w *workload) *event.PlacementDecided {
	switch {
	case !s.mayChange(w):
		return nil
	case w.withdrawn:
		return s.withdraw(w)
	case w.query.impossible != "":
		return s.refuse(w)
	case w.planRefused():
		return nil
	case w.completed || w.succeeded():
		return s.complete(w)
	case w.planned():
		return s.carryOut(w)
	}
	attempt := w.nextAttempt()
	if of(w.remarks).notBefore > s.observed && w.decidedGen == w.generation {
		return nil
	}
	if w.refused() && attempt > s.cfg.Tries {
		return s.wait(w, attempt)
	}
	if d := s.yield(w, attempt); d != nil {
		return d
	}
	q := w.query
	s.prepare(q)
	if stuck := s.stuck(w); stuck != nil || s.driven(w) != "" && !s.mayEvict() {
		switch {
		case w.decidedGen != w.generation || w.refused():
			q = q.staying()
		case stuck != nil:
			return s.holdStuck(w, stuck)
		default:
			return nil // its turn comes
		}
	}
	if d := s.stall(w); d != nil {
		return d
	}
	n, short := s.granted(w)
	if short != nil && n == 0 {
		return s.holdBack(w, attempt, short)
	}
	cands, out := s.division(w, q, n)
	if !out.ok {
		if w.awaits() {
			return nil // whether there is a place is asked when the word is there
		}
		if d := s.makeRoom(w, attempt); d != nil {
			return d
		}
		return s.hold(w, attempt, out)
	}
	if out.placed == n {
		out.quota = short
	}
	return s.afford(w, s.assign(w, cands, attempt, out), attempt)
}

// division divides n replicas over the best clusters the index gives; where it does
// not tell all, or they do not hold all replicas, over all clusters.
func (s *State) division(w *workload, q *query, n int) ([]*candidate, outcome) {
	p := &q.spec.Policy
	if n == q.spec.Replicas {
		if cands := s.quick(w, q); cands != nil {
			if out := divide(p, n, cands); out.ok && out.placed == n {
				return cands, out
			}
		}
	}
	cands := s.affordable(w, s.candidates(w, q))
	return cands, divide(p, n, cands)
}

// nextAttempt counts rejections in a row for one wish.
func (w *workload) nextAttempt() int {
	switch {
	case w.decidedGen != w.generation:
		return 0
	case w.refused():
		return of(w.remarks).attempt + 1
	}
	return of(w.remarks).attempt
}

// candidates are the clusters that may carry replicas: those that pass every
// check, and those where replicas run that nothing drives away.
func (s *State) candidates(w *workload, q *query) []*candidate {
	all := make([]candidate, len(s.clusters.sorted))
	out := make([]*candidate, 0, len(all))
	for i, c := range s.clusters.sorted {
		all[i] = s.candidate(w, q, c)
		if all[i].limit > 0 || all[i].prev > 0 {
			out = append(out, &all[i])
		}
	}
	return out
}

func (s *State) candidate(w *workload, q *query, c *cluster) candidate {
	return s.candidateUpTo(w, q, c, maxFit)
}

// candidateUpTo does not count further than so many replicas that fit.
func (s *State) candidateUpTo(w *workload, q *query, c *cluster, most int) candidate {
	s.prepare(q)
	cand := candidate{c: c}
	held := w.on(c).held()
	if held > 0 && s.passes(q, c, true) {
		cand.prev = held - w.leavingOn(c.id)
		if w.keepsRoom(c, q) {
			cand.limit = held
		}
	}
	if s.passes(q, c, false) && (!s.keeps(w, c) || s.trial.mends(c, keptCheck)) {
		cand.at = s.spotOn(q, c)
		cand.limit += s.trial.fits(c, q, c.freeRoom().fitFrom(&cand.at, q.class, most))
	}
	if bound := q.spec.Policy.MaxPerCluster; bound > 0 {
		cand.limit = min(cand.limit, bound)
	}
	if bad, _ := s.failing(w, c); bad > 0 || w.gaveUp(c) {
		bad = max(bad, w.leavingOn(c.id))
		cand.limit = min(cand.limit, held-bad) // they come to nothing there
	}
	cand.prev = s.trial.prev(min(cand.prev, cand.limit))
	if cand.limit > 0 {
		if cand.at.node == nil {
			cand.at = s.spotOn(q, c)
		}
		cand.score = s.score(q, c, cand.at)
		cand.weight, cand.tier, cand.groups = weightOf(q, c), s.trial.tier(q, tierOf(q, c)), placesOf(q, c)
	}
	if w.afreshNow() {
		cand.prev = 0
	}
	return cand
}

// leavingOn is how many replicas on the cluster only wait for their replacement.
func (w *workload) leavingOn(id event.ClusterID) int {
	for i := range w.portions {
		if p := &w.portions[i]; p.c.id == id {
			return int(p.leaving)
		}
	}
	return 0
}

// keepsRoom says whether the room of the replicas that run also holds replicas of
// the new wish: the same conditions on nodes and no larger request. Otherwise the
// new ones need room of their own beside the old.
func (w *workload) keepsRoom(c *cluster, q *query) bool {
	t := w.on(c).standing()
	return t != nil && !t.is(doubtful) && t.class.conditions == q.class.conditions && covers(t.class.request, q.class.request)
}

// withdraw ends the workload wherever it stands.
func (s *State) withdraw(w *workload) *event.PlacementDecided {
	parts := s.withdrawals(w)
	if w.verdict == event.VerdictWithdrawn && len(parts) == 0 {
		return nil
	}
	d := s.decision(w, event.VerdictWithdrawn)
	d.Replicas = 0
	d.Assignments = parts
	return d
}

// wait holds a workload that was rejected too often, longer each time.
func (s *State) wait(w *workload, attempt int) *event.PlacementDecided {
	d := s.decision(w, event.VerdictHeld)
	d.Attempt = attempt
	d.Reason = "rejected by clusters; waiting before the next try"
	d.NotBefore = s.observed + s.backoff(w.id, attempt-s.cfg.Tries)
	d.Assignments = s.standing(w)
	return d
}

// backoff doubles with each try; jitter is drawn from the workload and the attempt,
// so that a replay draws the same.
func (s *State) backoff(id event.WorkloadID, n int) int64 {
	wait := s.cfg.BackoffMillis << min(max(n-1, 0), 20)
	wait = min(wait, s.cfg.MaxBackoff)
	return wait + int64(hash(id.String(), uint64(n))%uint64(max(1, wait/4)))
}

// hash is FNV-1a over the text and the number.
func hash(text string, n uint64) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	for range 8 {
		h = (h ^ n&0xff) * 1099511628211
		n >>= 8
	}
	return h
}

// hold records that nothing fits. What runs already goes on as it is.
func (s *State) hold(w *workload, attempt int, out outcome) *event.PlacementDecided {
	standing := s.standing(w)
	if !w.quotaHeld() && w.standsHeld(standing) {
		return nil
	}
	d := s.decision(w, event.VerdictHeld)
	d.Attempt = attempt
	d.Assignments = standing
	d.Refusals, d.Reason = s.refusals(w, out)
	return d
}

// standsHeld says whether the workload is held already with what stands.
func (w *workload) standsHeld(standing []event.Assignment) bool {
	return w.standsStill() && w.decidedGen == w.generation && !w.refused() && of(w.remarks).notBefore == 0 && sameSeats(standing, w.portions)
}

// standing are the assignments as the clusters hold them, without what was rejected.
func (s *State) standing(w *workload) []event.Assignment {
	var out []event.Assignment
	for _, st := range w.seats {
		c := st.c
		if t := st.standing(); t != nil && t.held() > 0 && (!c.left || s.mayReturn(w, c)) {
			a := event.Assignment{Cluster: c.id, Replicas: t.held(), Shapes: t.footprint.shapes(), Leaving: min(w.leavingOn(c.id), t.held())}
			s.price(c, t.class.request, &a)
			out = append(out, a)
		}
	}
	return out
}

func sameSeats(a []event.Assignment, b []portion) bool {
	return slices.EqualFunc(a, b, func(x event.Assignment, y portion) bool {
		return x.Cluster == y.c.id && x.Replicas == int(y.replicas) && x.Leaving == int(y.leaving)
	})
}

// decision begins a record with what every decision carries.
func (s *State) decision(w *workload, v event.Verdict) *event.PlacementDecided {
	return &event.PlacementDecided{
		Tenant: w.id.Tenant, Workload: w.id.Name, Generation: w.generation, Verdict: v,
		Replicas: w.spec.Replicas, Clusters: len(s.clusters.sorted),
		Observed: s.observed, Positions: s.positions, Engine: Engine, Epoch: s.epoch, Cause: s.causeOf(w),
	}
}
