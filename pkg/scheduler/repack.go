package scheduler

import (
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// Repack: moves that nothing forces, because they improve the placement of what runs:
// back to where it was driven from (failback), or to clusters that came, recovered or
// became cheaper. One workload at a time, placed first and withdrawn then, under a
// budget, and none that gains less than the fleet's threshold.

const (
	looksPerTick  = 32      // workloads looked at in a tick
	leastGain     = 100_000 // least gain by default, in millionths
	failbackMoves = 10      // moves in a minute for failback alone
	mostMeasured  = 10_000  // replicas up to which evenness is measured
)

// look is the part of the workloads that is looked at in a tick. It holds until
// something else is heard: whoever folds the same log looks at the same.
type look struct {
	After   uint64          `json:"after"`   // ages above this one
	Through uint64          `json:"through"` // up to this one
	At      event.Positions `json:"at"`
}

// homeSeat is where replicas stood before their cluster drove them away.
type homeSeat struct {
	Cluster  event.ClusterID `json:"cluster"`
	Replicas int             `json:"replicas"`
}

// movesPerMinute is the budget of moves that nothing forces; 0 is none.
func (s *State) movesPerMinute() int {
	if s.fleet == nil || s.fleet.Repack == nil {
		return 0
	}
	if r := s.fleet.Repack; r.MovesPerMinute > 0 || !r.Failback {
		return r.MovesPerMinute
	}
	return failbackMoves
}

func (s *State) mayMove() bool {
	most := s.movesPerMinute()
	return most > 0 && !s.paused && (s.moved.Second != s.observed/60_000 || s.moved.Used < most)
}

func (s *State) spendMove() {
	if minute := s.observed / 60_000; s.moved.Second != minute {
		s.moved = budget{Second: minute}
	}
	s.moved.Used++
}

// lookOn turns to the next few workloads.
func (s *State) lookOn() {
	if s.movesPerMinute() == 0 {
		s.look = look{}
		return
	}
	from := s.look.Through
	at := s.ages.after(from)
	if at == len(s.ages) {
		from, at = 0, 0
	}
	through := from
	for n := 0; at < len(s.ages) && n < looksPerTick; at++ {
		if s.ages[at].valid() {
			through = s.ages[at].age
			n++
		}
	}
	s.look = look{After: from, Through: through, At: s.positions}
}

// nextMove is the first move worth making among the workloads looked at in this tick.
func (s *State) nextMove() *event.PlacementDecided {
	if s.look.At != s.positions || !s.mayMove() {
		return nil
	}
	for _, e := range s.ages[s.ages.after(s.look.After):] {
		if e.age > s.look.Through {
			break
		}
		if !e.valid() || !s.movable(e.w) {
			continue
		}
		if d := s.goHome(e.w); d != nil {
			return d
		}
		if d := s.improve(e.w); d != nil {
			return d
		}
	}
	return nil
}

// movable says whether the workload runs as it was wanted and may be moved: all of it
// ready, nothing under way. What may run only once, jobs, what follows another and
// what runs everywhere is left alone.
func (s *State) movable(w *workload) bool {
	p := &w.spec.Policy
	settled := !w.withdrawn && w.decidedGen == w.generation && of(w.remarks).notBefore <= s.observed && !w.lacking() && !w.refused() && !w.moving()
	return settled && w.spec.Kind != event.KindJob && !w.once() && p.Along == "" && p.Strategy != event.StrategyDuplicate &&
		w.spec.Replicas > 0 && w.allReady() && s.driven(w) == "" && s.fails(w) == ""
}

// goHome decides that a workload returns to where it stood before it was driven away;
// nil if it is there, or has no place there now.
func (s *State) goHome(w *workload) *event.PlacementDecided {
	if !s.fleet.Repack.Failback || len(of(w.past).home) == 0 {
		return nil
	}
	s.prepare(w.query)
	var cands []*candidate
	same := true
	for _, h := range w.past.home {
		c := s.clusters.byName[h.Cluster]
		if c == nil {
			return nil
		}
		cand := s.candidate(w, w.query, c)
		if cand.limit < h.Replicas {
			return nil
		}
		same = same && w.on(c).held() == h.Replicas
		cand.limit, cand.prev = h.Replicas, min(cand.prev, h.Replicas)
		cands = append(cands, &cand)
	}
	if out := divide(&w.spec.Policy, w.spec.Replicas, cands); !same && out.ok && out.placed == w.spec.Replicas {
		return s.move(w, cands, out, event.CauseFailback, "back to where it was driven from")
	}
	return nil
}

// improve decides on the division that would be made anew; nil if it gains too little.
func (s *State) improve(w *workload) *event.PlacementDecided {
	r := s.fleet.Repack
	if r.MovesPerMinute == 0 {
		return nil
	}
	s.prepare(w.query)
	cands := s.candidates(w, w.query)
	for _, cand := range cands {
		cand.prev = 0
	}
	out := divide(&w.spec.Policy, w.spec.Replicas, cands)
	if !out.ok || out.placed < w.spec.Replicas {
		return nil
	}
	least := int64(leastGain)
	if r.Gain > 0 {
		least = int64(r.Gain)
	}
	changes := s.changes(w, cands)
	gain, moved := s.gain(w, changes)
	if moved == 0 || gain < least {
		return nil
	}
	return s.move(w, cands, out, event.CauseRebalance, fmt.Sprintf("gains %d millionths of score, at least %d are asked", gain, least))
}

// move makes the decision; the replicas that go stay until the new ones are ready.
func (s *State) move(w *workload, cands []*candidate, out outcome, cause event.Cause, reason string) *event.PlacementDecided {
	d := s.assign(w, cands, 0, out)
	if d == nil {
		return nil
	}
	d.Verdict, d.Cause, d.Reason = event.VerdictMoved, cause, reason
	return s.afford(w, d, 0)
}

// gain is what a new division is worth, in millionths: how much nearer it comes to the
// strategy's own aim, and the mean gain of score of the replicas that move. A move back
// would lose exactly as much, so nothing moves to and fro.
func (s *State) gain(w *workload, changes []seatChange) (gain int64, moved int) {
	n := int64(w.spec.Replicas)
	if n > mostMeasured {
		return 0, 0
	}
	score := int64(0)
	for _, ch := range changes {
		if ch.target > ch.held {
			moved += ch.target - ch.held
			score += int64(ch.target-ch.held) * s.worthAfter(w, ch)
		}
		if ch.target < ch.held {
			score -= int64(ch.held-ch.target) * s.worth(w.query, ch.c, ch.c.freeRoom(), w.on(ch.c).standing().footprint.shapes())
		}
		h, t := int64(ch.held), int64(ch.target)
		switch w.spec.Policy.Strategy {
		case event.StrategyPack:
			gain += (t*t - h*h) * million / (n * n)
		case event.StrategySpread, "":
			gain += (h*h - t*t) * million / (n * n)
		}
	}
	if moved > 0 {
		gain += score / int64(moved)
	}
	return gain, moved
}

// worthAfter is the worth of the cluster once the replicas it gains are there.
func (s *State) worthAfter(w *workload, ch seatChange) int64 {
	trial := ch.c.freeRoom().clone()
	uses := trial.take(w.query, ch.target-ch.held, s.fine())
	return s.worth(w.query, ch.c, trial, uses)
}

// worth rates a cluster for replicas that are there, by the parts of the score that do
// not hang on the single node: all but packing.
func (s *State) worth(q *query, c *cluster, r *free, uses []event.ShapeUse) int64 {
	was := c.room
	c.room = r
	defer func() { c.room = was }()
	sum := int64(0)
	for _, p := range q.weigh.parts {
		sum += p.weight * s.part(q, c, p)
	}
	cheap, replicas := int64(0), int64(0)
	for _, u := range uses {
		at := slices.IndexFunc(r.shapes, func(sh shapeRoom) bool { return sh.shape.Name == u.Shape })
		if replicas += int64(u.Replicas); at >= 0 {
			cheap += int64(u.Replicas) * q.weigh.cheapness(q.class, r.shapes[at].price)
		}
	}
	if replicas > 0 {
		sum += q.weigh.price * (cheap / replicas)
	}
	return sum/q.weigh.total - s.aversion(q, c)
}

// applyMove takes a decision into the budget of moves, and remembers or forgets where
// the workload was driven from. It is called before the decision is applied.
func (s *State) applyMove(w *workload, d *event.PlacementDecided) {
	switch {
	case d.Verdict == event.VerdictHeld:
	case d.Generation != w.decidedGen:
		w.forgetHome()
	case d.Cause == event.CauseRebalance || d.Cause == event.CauseFailback:
		if !w.moving() { // the first step
			s.spendMove()
			w.forgetHome()
		}
	case isEviction(d.Cause) && s.driven(w) != "" && len(of(w.past).home) == 0:
		for i := range w.portions {
			if p := &w.portions[i]; p.stays() > 0 {
				home := &own(&w.past).home
				*home = append(*home, homeSeat{p.c.id, p.stays()})
			}
		}
	}
}

func (w *workload) forgetHome() {
	if w.past != nil {
		w.past.home = nil
	}
}
