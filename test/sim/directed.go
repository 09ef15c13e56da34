package main

import (
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/placement"
)

// Some orders of events are so rare that chance alone does not come by: each of them is a
// schedule of its own, which begins from wherever a history is.

// overtake lets a standby take over while the leader has batches under way: the first is
// lost, a few records of the new leader take its place, and the next batch of the old one
// finds the log as long as it had expected it to be.
func (w *world) overtake() bool {
	old, heir := w.leader(), w.standby()
	if old == nil || heir == nil || old.cut || old.asleep {
		return false
	}
	w.pass(2 * time.Second) // so that more than one is under way
	if !slices.Contains(old.Chores(), placement.ChoreAppend) {
		return false
	}
	lost, end, grows := true, w.end(), uint64(1+w.chance(3)*w.chance(3))
	w.by(&lost, func() { _ = old.Do(w.ctx, placement.ChoreAppend) })
	w.say("%s: its batch is lost", old.name)
	for n := 0; n < 16 && w.end() < end+grows; n++ {
		w.usurp(heir)
	}
	for slices.Contains(old.Chores(), placement.ChoreAppend) {
		w.chore(old, placement.ChoreAppend)
	}
	return true
}

// end is the last record in the log.
func (w *world) end() uint64 {
	w.log.Inject(nil)
	defer w.log.Inject(w.network)
	state, err := w.log.State(w.ctx, event.Placements)
	if err != nil {
		w.fail("where the log ends: %v", err) // nothing fails here
	}
	return state.Last
}

// usurp lets a standby go one step towards the lead, which nobody seems to have.
func (w *world) usurp(p *instance) {
	for _, s := range []event.Stream{event.Intents, event.Status, event.Capacity, event.Placements} {
		_ = p.Read(w.ctx, s, 1000)
	}
	if p.StandsBy() {
		p.ahead += time.Minute
		p.Probe(w.now.Sub(p.born)+p.ahead, nil)
	}
	if chores := p.Chores(); len(chores) > 0 {
		w.chore(p, chores[0])
	}
}

// standby is an instance that could take over now; nil if there is none.
func (w *world) standby() *instance {
	for _, p := range w.up() {
		if p.begun && p.StandsBy() && !p.cut {
			return p
		}
	}
	return nil
}

// stall keeps an agent in the middle of its synchronisation: what has come cannot be
// stored within its deadline, and the rest does not come.
func (w *world) stall() bool {
	a := w.halfway()
	if a == nil {
		w.interrupt()
		a = w.halfway()
	}
	if a == nil {
		return false
	}
	for n := range 40 {
		a.s.away = n < 35
		w.pass(time.Second)
		for range len(a.todo) {
			a.act(0)
		}
		if a.stopped {
			break
		}
		a.step(nil)
	}
	return true
}

// interrupt starts an agent anew on a cluster that runs something, and lets it hear only
// the beginning of its synchronisation.
func (w *world) interrupt() {
	l, s := w.leader(), pick(w, w.living())
	if l == nil || l.cut || l.asleep || s.cut || s.asleep || s.away || len(s.cluster.Stored()) < 2 {
		return
	}
	for len(s.agents) > 0 {
		s.stop(s.agents[0])
	}
	s.start()
	a := s.agents[0]
	for n := 0; n < 40 && !a.stopped && len(a.heard) == 0; n++ {
		if len(a.todo) > 0 {
			a.act(0)
		}
		w.usurp(l)
		w.books.check()
		for a.poll(); len(a.inbox) > 0 && len(a.heard) == 0 && !a.stopped; {
			c := a.inbox[0]
			a.inbox = a.inbox[1:]
			a.take(c)
		}
	}
}

// halfway is an agent that has a part of its synchronisation; nil if none is there.
func (w *world) halfway() *agentProcess {
	for _, a := range w.awake() {
		of := w.books.account(a.s.id)
		if a.s.cut || a.machine.Incarnation() != of.incarnation || of.first > of.last {
			continue
		}
		some, all := false, true
		for n := of.first; n <= of.last; n++ {
			_, came := a.heard[n]
			some, all = some || came, all && came
		}
		if some && !all {
			return a
		}
	}
	return nil
}
