package scheduler

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

// applyDecided makes a recorded decision the one that stands and notes what it
// tells the clusters.
func (s *State) applyDecided(d *event.PlacementDecided, sequence uint64) {
	w := s.workloads[event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}]
	if w == nil {
		return
	}
	if d.Verdict != event.VerdictHeld && isEviction(d.Cause) && s.driven(w) != "" {
		s.spendEviction()
	}
	s.applyMove(w, d)
	if s.takeBack(w, d, sequence) {
		return
	}
	if d.Cause == event.CauseStalled || d.Cause == event.CauseUnschedulable {
		s.applyStall(w, d)
	}
	waited, stood := w.waits(), len(w.seats) > 0
	w.decision, w.verdict, w.replicas, w.cause = sequence, d.Verdict, count(d.Replicas), d.Cause
	w.decidedGen, w.unfilled, w.remarks = d.Generation, count(d.Unfilled), remarksOf(d)
	if !waited {
		w.since = d.Observed
	}
	w.completed = d.Verdict == event.VerdictCompleted
	was := w.rolling
	w.rolling = slices.ContainsFunc(d.Assignments, func(a event.Assignment) bool { return a.Waiting })
	s.recharge(w, d)
	s.pause(w, d)
	s.applyClaim(w, d)
	w.portions = s.portions(d)
	for i := range d.Assignments {
		s.applyAssignment(w, &d.Assignments[i])
	}
	s.leaveSeats(w)
	s.wakeTied(w)
	w.noteReady()
	w.prune()
	s.settled(w)
	if s.leavesMore(w, stood, was) {
		s.touch(w)
	}
	s.dropWithdrawn(w)
	s.learn()
	s.recount(w)
}

// leavesMore says whether the last decision on a workload, which stood somewhere before
// or had steps that waited, leaves something to decide.
func (s *State) leavesMore(w *workload, stood, rolled bool) bool {
	switch {
	case w.withdrawn:
		return false
	case stood && s.unsettled(w):
		return true
	case w.cause == event.CausePlan && w.hungry(): // it was made before what came since: more clusters may take a copy
		return true
	case w.verdict == event.VerdictPreempted: // a place elsewhere
		return true
	case w.standsStill() && w.moving(): // held for another cause than it moved for: it may stay where it was leaving
		return true
	}
	return (w.unfilled > 0 || rolled) && !w.rolling // room that older commands of its own cover may hold more
}

func (s *State) applyAssignment(w *workload, a *event.Assignment) {
	if a.Command == 0 {
		return
	}
	c := s.clusters.get(a.Cluster)
	s.took(w, c, a.Replicas-w.on(c).held())
	s.tell(w, c, &told{
		Number: a.Command, Generation: w.decidedGen, replicas: count(a.Replicas), footprint: s.known.footprint(a.Shapes), class: w.query.class, At: s.observed,
	})
	s.owed = append(s.owed, owedCommand{Cluster: a.Cluster, Number: a.Command})
}

// tell notes a command as pending and takes what it asks off the cluster's room.
func (s *State) tell(w *workload, c *cluster, t *told) {
	st := w.on(c)
	if st == nil {
		st = w.join(c)
	}
	if w.once() {
		st.await(t, st.held())
	}
	st.add(t)
	c.pending = append(c.pending, t)
	c.next = max(c.next, t.Number+1)
	if c.room != nil {
		s.known.placed = c.debit(t, s.known.placed[:0])
		s.known.taken(c, s.known.placed)
		if s.lull > 0 && s.fine() {
			s.known.note(c, change{kind: changeRoom}) // others may go elsewhere now
		}
	} else {
		c.version++
	}
}

// leaveSeats forgets seats on clusters that left the fleet or hold nothing more.
func (s *State) leaveSeats(w *workload) {
	if !slices.ContainsFunc(w.seats, func(st *seat) bool { return st.c.left || st.empty() }) {
		return
	}
	for _, st := range slices.Clone(w.seats) {
		c := st.c
		if c.left && !s.mayReturn(w, c) && !slices.ContainsFunc(w.portions, func(p portion) bool { return p.c == c }) {
			s.abandon(st)
			continue
		}
		s.dropEmpty(st)
	}
}

// abandon forgets what a cluster that left the fleet was told of a workload.
func (s *State) abandon(st *seat) {
	c := st.c
	for t := st.last; t.pending(); t = t.before {
		s.applyCommand(c.id, t.Number)
	}
	c.pending = slices.DeleteFunc(c.pending, func(t *told) bool { return t.seat == st })
	st.leave()
	c.dropRoom()
}

// debit takes what a pending command asks off the room, and adds to out where it went.
func (c *cluster) debit(t *told, out []placed) []placed {
	for _, use := range t.asks() {
		out = c.room.debit(use, t.class, out)
	}
	return out
}

// dropRoom makes the room be worked out anew: it may be worth less than before.
func (c *cluster) dropRoom() {
	c.room = nil
	c.version++
}

// freeRoom is the base less the debits, made again when the base changed. Debits
// are taken in command order, as they were when they were decided.
func (c *cluster) freeRoom() *free {
	if c.room == nil {
		c.room = newFree(c.known, c.report, c.rates())
		for _, t := range c.pending {
			c.known.placed = c.debit(t, c.known.placed[:0])
		}
	}
	if c.known.lull != 0 || c.room.odds != 0 { // or what is read for it is far away
		c.room.odds = c.surprises.odds(c.known.now, c.known.lull)
	}
	return c.room
}

// applySynchronise begins an incarnation: the commands first to through are the
// whole desired state of the cluster. What was under way before is superseded, but
// its debits stay until a report contains it.
func (s *State) applySynchronise(d *event.CommandSynchronise) {
	c := s.clusters.get(d.Cluster)
	desired := c.desired()
	absent := slices.DeleteFunc(c.seated(), func(w *workload) bool { return w.on(c).held() > 0 })
	again := make([]*told, len(desired))
	for i, w := range desired {
		again[i] = w.on(c).standing().again(d.First+uint64(i), s.observed)
		w.on(c).synchronised(again[i].Number)
	}
	for _, w := range append(slices.Clone(desired), absent...) {
		w.on(c).supersede()
	}
	s.owed = slices.DeleteFunc(s.owed, func(o owedCommand) bool { return o.Cluster == c.id })
	c.synced, c.first, c.heard = d.Incarnation, d.First, true
	c.hello = max(c.hello, d.Incarnation)
	c.next = max(c.next, d.First)
	clear(c.marks)
	s.queue.counted = false
	for i, w := range desired {
		s.tell(w, c, again[i])
		s.owed = append(s.owed, owedCommand{Cluster: c.id, Number: again[i].Number})
	}
	for _, w := range absent {
		w.on(c).resynced() // whatever went on there is removed as well
		s.tell(w, c, &told{Number: d.Through, class: noClass})
	}
	s.askAgain(c)
	c.dropRoom()
	s.improved(c)
}

// desired are the workloads that stand on the cluster as far as it was told, in the
// order it was told: a cluster that was told nothing yet fills its nodes in the
// order in which they were debited.
func (c *cluster) desired() []*workload {
	out := slices.DeleteFunc(c.seated(), func(w *workload) bool { return w.on(c).held() == 0 })
	slices.SortStableFunc(out, func(a, b *workload) int {
		return cmp.Compare(a.on(c).standing().Number, b.on(c).standing().Number)
	})
	return out
}

// applyCommand strikes a command off what is owed: as a rule the oldest one.
func (s *State) applyCommand(id event.ClusterID, number uint64) {
	if len(s.owed) > 0 && s.owed[0] == (owedCommand{Cluster: id, Number: number}) {
		s.owed = s.owed[1:]
		return
	}
	s.owed = slices.DeleteFunc(s.owed, func(o owedCommand) bool { return o.Cluster == id && o.Number == number })
}
