package scheduler

import (
	"cmp"
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// seatChange is one cluster's part of a decision in the making.
type seatChange struct {
	c      *cluster
	held   int // replicas it holds now
	target int // replicas it shall have
	score  int64
	at     *spot // where the next replica would go; nil if that is to be found
	again  bool  // told once more
	step   int   // of the rollout, from 1; 0 without one
	waits  bool  // for an earlier step
}

// assign turns a division into a decision; nil if it is what stands already.
//
// Replicas that move are placed first: while any cluster gains, or a replacement
// is not ready yet, those that lose keep what they have, marked as leaving. A
// cluster that keeps some under a larger request is the exception: it is updated
// in place, since room for both was not found.
func (s *State) assign(w *workload, cands []*candidate, attempt int, out outcome) *event.PlacementDecided {
	changes := s.changes(w, cands)
	if w.once() {
		changes = s.giveUpFirst(w, changes)
	}
	// Replicas that lack a place go on where they are; those that lack a quota do not.
	keep, lacks := !w.once() && s.moveUnfinished(w, changes), !w.once() && out.placed < w.spec.Replicas && out.quota == nil
	d := s.decision(w, "")
	d.Attempt = attempt
	s.missing(w, d, out)
	stagger(w, changes)
	for _, ch := range changes {
		a, ok := s.assignment(w, ch, keep || lacks && ch.runs(w))
		if ch.waits {
			a, ok = ch.heldBack(w), true
			d.Unfilled += max(0, ch.target-ch.held)
		}
		if a.Group = ch.step; ok {
			s.value(w.query, &ch, &a)
			d.Price = min(event.MaxInteger, d.Price+a.Price)
			d.Assignments = append(d.Assignments, a)
		}
	}
	if w.standsAs(d) {
		return nil
	}
	d.Verdict = verdictOf(w, d, changes)
	if staying(d)+d.Unfilled < w.spec.Replicas && w.once() {
		d.Verdict, d.Reason = event.VerdictEvicted, afterwards(d)
	}
	return d
}

// missing tells what of a partial placement has no place yet.
func (s *State) missing(w *workload, d *event.PlacementDecided, out outcome) {
	if d.Unfilled = w.spec.Replicas - out.placed; d.Unfilled > 0 {
		d.Refusals, _ = s.refusals(w, out)
		d.Reason = fmt.Sprintf("%d of %d replicas fit; the rest is placed when there is room", out.placed, w.spec.Replicas)
		d.Refusals = out.withQuota(d.Refusals)
	}
}

// changes joins the division with what clusters hold, by cluster.
func (s *State) changes(w *workload, cands []*candidate) []seatChange {
	var out []seatChange
	for _, cand := range cands {
		if held := w.on(cand.c).held(); held > 0 || cand.seats > 0 {
			out = append(out, seatChange{c: cand.c, held: held, target: cand.seats, score: cand.score, at: cand.spot()})
		}
	}
	for _, st := range w.seats {
		c := st.c
		known := slices.ContainsFunc(out, func(ch seatChange) bool { return ch.c == c })
		if held := st.held(); held > 0 && !known && !c.left {
			out = append(out, seatChange{c: c, held: held})
		}
	}
	slices.SortFunc(out, byCluster)
	return out
}

func byCluster(a, b seatChange) int { return cmp.Compare(a.c.id, b.c.id) }

// staying counts the replicas of a decision without those on their way out.
func staying(d *event.PlacementDecided) int {
	n := 0
	for _, a := range d.Assignments {
		n += a.Replicas - a.Leaving
	}
	return n
}

// moveUnfinished says whether losing clusters must keep their replicas: something
// is placed elsewhere first, or was placed and is not ready, or what would be left is
// not healthy and what would go is.
func (s *State) moveUnfinished(w *workload, changes []seatChange) bool {
	lost, gained, waiting := 0, 0, false
	for _, ch := range changes {
		lost += max(0, ch.held-ch.target)
		gained += max(0, ch.target-ch.held)
		// An older generation that shrinks is no replacement: it waits for one itself.
		waiting = waiting || ch.target > 0 && !ch.ready(w) && (ch.held <= ch.target || ch.runs(w))
	}
	return lost > 0 && (gained > 0 || w.moving() && waiting || s.losesHealthy(w, changes))
}

// losesHealthy says whether replicas would stay, none of them healthy, while some that
// would go are.
func (s *State) losesHealthy(w *workload, changes []seatChange) bool {
	stays, goes := false, false
	for _, ch := range changes {
		healthy := w.on(ch.c).ready(0) > 0 && !s.isGone(w.query, ch.c)
		switch {
		case ch.target > 0 && healthy:
			return false
		case ch.target > 0:
			stays = true
		case healthy:
			goes = true
		}
	}
	return stays && goes
}

// runs says whether the cluster was told of the present wish.
func (ch seatChange) runs(w *workload) bool {
	t := w.on(ch.c).standing()
	return t != nil && t.Generation == w.generation
}

// ready says whether the cluster runs its target of the present wish already.
func (ch seatChange) ready(w *workload) bool {
	st := w.on(ch.c)
	t := st.standing()
	return t != nil && t.Generation == w.generation && st.ready(t.Number) >= ch.target
}

// assignment writes one cluster's part; false when nothing is there and nothing
// has to be said.
func (s *State) assignment(w *workload, ch seatChange, keep bool) (event.Assignment, bool) {
	a := event.Assignment{Cluster: ch.c.id, Replicas: ch.target, Score: ch.score}
	if ch.held > ch.target && keep && (ch.target == 0 || w.keepsRoom(ch.c, w.query)) {
		t := w.on(ch.c).standing()
		a.Replicas, a.Leaving, a.Shapes = ch.held, ch.held-ch.target, t.footprint.shapes()
		return a, true
	}
	a.Shapes = ch.shapes(w, s.fine())
	t := w.on(ch.c).standing()
	if ch.again || t == nil || t.held() != a.Replicas || t.Generation != w.generation && a.Replicas > 0 {
		a.Command, a.Incarnation = ch.c.next, ch.c.synced
	}
	return a, a.Replicas > 0 || a.Command > 0
}

// value notes what the replicas cost, and for new ones the parts of the score where
// there are several.
func (s *State) value(q *query, ch *seatChange, a *event.Assignment) {
	c := ch.c
	if c.report == nil {
		return
	}
	s.price(c, q.class.request, a)
	if a.Command == 0 || a.Replicas == 0 || !s.hasParts(q, c) {
		return
	}
	if ch.at == nil {
		sp := s.spotOn(q, c)
		ch.at = &sp
	}
	if parts := s.scoreParts(q, c, *ch.at); len(parts) > 1 {
		a.Parts = parts
	}
}

// shapes debits node shapes for the target: what is held stays where it is.
func (ch seatChange) shapes(w *workload, fine bool) []event.ShapeUse {
	if ch.target == 0 {
		return nil
	}
	var have []event.ShapeUse
	missing := ch.target
	if ch.held > 0 && w.keepsRoom(ch.c, w.query) {
		have = trim(w.on(ch.c).standing().footprint.shapes(), ch.target)
		for _, u := range have {
			missing -= u.Replicas
		}
	}
	if missing <= 0 {
		return have
	}
	r := ch.c.freeRoom()
	if missing == 1 && ch.at != nil && ch.at.group >= 0 {
		return merge(have, r.one(w.query, ch.at))
	}
	return merge(have, r.clone().take(w.query, missing, fine))
}

// trim keeps the first n replicas.
func trim(uses []event.ShapeUse, n int) []event.ShapeUse {
	var out []event.ShapeUse
	for _, u := range uses {
		u.On = nil // these have their nodes
		if u.Replicas = min(u.Replicas, n); u.Replicas > 0 {
			out = append(out, u)
			n -= u.Replicas
		}
	}
	return out
}

// merge adds up replicas by shape, in the order of a, then b. It may give b itself.
func merge(a, b []event.ShapeUse) []event.ShapeUse {
	if len(a) == 0 && len(b) == 1 {
		return b
	}
	out := slices.Clone(a)
	for _, u := range b {
		if at := slices.IndexFunc(out, func(o event.ShapeUse) bool { return o.Shape == u.Shape }); at >= 0 {
			out[at].Replicas += u.Replicas
			out[at].On = u.On
		} else {
			out = append(out, u)
		}
	}
	return out
}

// standsAs says whether the decision would change nothing.
func (w *workload) standsAs(d *event.PlacementDecided) bool {
	if w.decidedGen != w.generation || w.refused() || w.verdict == event.VerdictHeld {
		return false
	}
	commands := slices.ContainsFunc(d.Assignments, func(a event.Assignment) bool { return a.Command > 0 })
	return !commands && d.Unfilled == int(w.unfilled) && sameSeats(standingPart(d.Assignments), w.portions)
}

// verdictOf names the decision by what it does to the replicas that stood.
func verdictOf(w *workload, d *event.PlacementDecided, changes []seatChange) event.Verdict {
	held, lost, gained := 0, 0, 0
	for _, ch := range changes {
		held += ch.held
		lost += max(0, ch.held-ch.target)
		gained += max(0, ch.target-ch.held)
	}
	switch {
	case held == 0 || d.Attempt > 0:
		return event.VerdictPlaced
	case w.moving() || lost > 0 && gained > 0:
		return event.VerdictMoved
	case lost > 0 || gained > 0:
		return event.VerdictScaled
	}
	return event.VerdictUpdated
}
