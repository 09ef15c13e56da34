package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/placement"
)

// instance is one process of placement.
type instance struct {
	*placement.Instance
	name   string
	born   time.Time
	ahead  time.Duration // what its own clock has gained by lying
	begun  bool
	cut    bool // its link to the log and to the others
	asleep bool // paused: it does nothing and does not know it
}

// spawn starts an instance, which stands by or leads as it finds.
func (w *world) spawn() {
	w.born++
	name := fmt.Sprintf("p%d", w.born)
	cfg := placement.Config{Instance: name, Log: quiet(), BatchMessages: 4 + w.chance(20), InFlight: 1 + w.chance(3)}
	w.instances = append(w.instances, &instance{Instance: placement.NewInstance(cfg, w.log, name), name: name, born: w.now})
}

// begin lets an instance fold the log.
func (w *world) begin(p *instance) {
	w.by(&p.cut, func() {
		err := p.Begin(w.ctx)
		w.say("%s: begins: %v", p.name, err)
		p.begun = p.begun || err == nil
		if errors.Is(err, placement.ErrRolledBack) {
			w.fail("%s finds the log rolled back, and it was not: %v", p.name, err)
		}
	})
}

// stopInstance ends an instance as kill -9 does.
func (w *world) stopInstance(p *instance) {
	w.instances = slices.DeleteFunc(w.instances, func(o *instance) bool { return o == p })
}

// up are the instances that can act now.
func (w *world) up() []*instance {
	return slices.DeleteFunc(slices.Clone(w.instances), func(p *instance) bool { return p.asleep })
}

// leaderReads lets an instance read some messages.
func (w *world) leaderReads() {
	all := w.up()
	if len(all) == 0 {
		return
	}
	p := pick(w, all)
	if !p.begun {
		return
	}
	s := pick(w, []event.Stream{event.Intents, event.Status, event.Capacity, event.Placements, event.Placements})
	w.by(&p.cut, func() {
		if err := p.Read(w.ctx, s, 1+w.chance(12)); err == nil {
			w.say("%s: has read %s", p.name, s)
		}
	})
}

// leaderWorks lets an instance do one of its chores, look for the leader, or begin.
func (w *world) leaderWorks() {
	all := w.up()
	if len(all) == 0 {
		if w.oneIn(3) {
			w.spawn()
		}
		return
	}
	p := pick(w, all)
	chores := p.Chores()
	switch {
	case !p.begun:
		w.begin(p)
	case len(chores) > 0:
		w.chore(p, pick(w, chores))
	case p.StandsBy():
		w.probe(p)
	}
	w.sane(p)
}

func (w *world) chore(p *instance, c placement.Chore) {
	w.by(&p.cut, func() {
		err := p.Do(w.ctx, c)
		w.say("%s: %s: %v", p.name, c, err)
		if c == placement.ChoreSave && err == nil {
			w.books.kept()
		}
	})
}

// probe lets a standby ask whether anybody leads. Now and then its own clock leaps, or
// the answer is lost: then it may claim a lead that another one has.
func (w *world) probe(p *instance) {
	if w.rarely(w.mix.mistakes) {
		w.counts["takeover by mistake"]++
		p.ahead += time.Minute
	}
	var leader *placement.Instance
	if l := w.leader(); l != nil && !l.cut && !l.asleep && !p.cut && (w.calm || !w.oneIn(6)) {
		leader = l.Instance
	}
	p.Probe(w.now.Sub(p.born)+p.ahead, leader)
	w.say("%s: probes, a leader answers: %t", p.name, leader != nil)
}

// sane holds how an instance ended against what may end one.
func (w *world) sane(p *instance) {
	if err := p.Stopped(); err != nil && !p.Again() {
		w.fail("%s stepped down: %v", p.name, err)
	}
}

// leader is the instance that leads; nil if several say so, or none.
func (w *world) leader() *instance {
	var out *instance
	for _, p := range w.instances {
		if p.Leads() && out != nil {
			return nil
		}
		if p.Leads() {
			out = p
		}
	}
	return out
}
