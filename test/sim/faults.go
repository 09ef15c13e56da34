package main

import (
	"slices"
	"time"
)

// fault is something that goes wrong, or ends to.
type fault struct {
	weight int
	name   string
	do     func(*world) bool // false if there is nothing for it to happen to
}

var faults = []fault{
	{8, "agent killed", (*world).killAgent},
	{14, "agent started", (*world).startAgent},
	{2, "second agent", (*world).secondAgent},
	{6, "agent paused or resumed", (*world).pauseAgent},
	{6, "cluster cut off or back", (*world).cutSite},
	{1, "cluster lost for ever", (*world).killSite},
	{4, "drift by hand", (*world).drift},
	{2, "cluster backed up or restored", (*world).backUp},
	{4, "orchestrator away or back", (*world).loseOrchestrator},
	{2, "region cut off or back", (*world).cutRegion},
	{2, "agent's clock leaps", (*world).leap},
	{8, "placement killed", (*world).killPlacement},
	{6, "another placement", (*world).rival},
	{6, "placement paused or resumed", (*world).pausePlacement},
	{6, "placement cut off or back", (*world).cutPlacement},
	{8, "overtaken in flight", (*world).overtake},
	{8, "synchronisation stalled", (*world).stall},
	{8, "checkpoint", (*world).keep},
	{1, "checkpoint damaged", (*world).damage},
}

func (w *world) goesWrong() {
	f := draw(w, w.mix.faults, func(f fault) int { return f.weight })
	w.say("fault: %s", f.name)
	if f.do(w) {
		w.counts[f.name]++
	}
}

// living are the sites that are not dead.
func (w *world) living() []*site {
	return slices.DeleteFunc(slices.Clone(w.sites), func(s *site) bool { return s.dead })
}

func (w *world) killAgent() bool {
	s := pick(w, w.living())
	if len(s.agents) == 0 {
		return false
	}
	s.stop(pick(w, s.agents))
	return true
}

func (w *world) startAgent() bool {
	s := pick(w, w.living())
	if len(s.agents) > 0 {
		return false
	}
	s.start()
	return true
}

func (w *world) secondAgent() bool {
	s := pick(w, w.living())
	if len(s.agents) > 1 {
		return false
	}
	s.start()
	return true
}

func (w *world) pauseAgent() bool {
	s := pick(w, w.living())
	s.asleep = !s.asleep
	return true
}

func (w *world) cutSite() bool {
	s := pick(w, w.living())
	s.cut = !s.cut
	return true
}

// killSite takes a cluster away for good; one at most, so that the rest has room.
func (w *world) killSite() bool {
	if len(w.living()) < len(w.sites) {
		return false
	}
	s := pick(w, w.sites)
	for len(s.agents) > 0 {
		s.stop(s.agents[0])
	}
	s.dead = true
	return true
}

// drift is somebody who changes a cluster past its agent.
func (w *world) drift() bool {
	s := pick(w, w.living())
	stored := s.cluster.Stored()
	if len(stored) == 0 {
		return false
	}
	s.drifted = true
	o := pick(w, stored)
	if w.oneIn(2) {
		s.cluster.DeleteByHand(o.Workload)
		return true
	}
	return s.cluster.ScaleByHand(o.Workload, w.chance(3)) == nil
}

func (w *world) killPlacement() bool {
	if len(w.instances) == 0 {
		return false
	}
	w.stopInstance(pick(w, w.instances))
	return true
}

// rival starts another instance beside those that run.
func (w *world) rival() bool {
	if len(w.instances) > 2 {
		return false
	}
	w.spawn()
	return true
}

func (w *world) pausePlacement() bool {
	if len(w.instances) == 0 {
		return false
	}
	p := pick(w, w.instances)
	p.asleep = !p.asleep
	return true
}

func (w *world) cutPlacement() bool {
	if len(w.instances) == 0 {
		return false
	}
	p := pick(w, w.instances)
	p.cut = !p.cut
	return true
}

// keep lets an instance take a checkpoint at its next tick.
func (w *world) keep() bool {
	all := w.up()
	if len(all) == 0 {
		return false
	}
	p := pick(w, all)
	if !p.begun {
		return false
	}
	p.Keep()
	p.Tick(w.now)
	return true
}

func (w *world) damage() bool {
	for c, err := range w.log.Checkpoints(w.ctx) {
		if err == nil {
			return w.log.Damage(c.Placements)
		}
	}
	return false
}

// backUp takes a copy of a cluster's store, or brings back the one that was taken.
func (w *world) backUp() bool {
	s := pick(w, w.living())
	if s.backup == nil {
		b := s.cluster.Backup()
		s.backup = &b
		return true
	}
	s.cluster.Restore(*s.backup)
	s.backup, s.drifted = nil, true
	return true
}

func (w *world) loseOrchestrator() bool {
	s := pick(w, w.living())
	s.away = !s.away
	return true
}

// cutRegion parts a region from the rest, with the placement that is there.
func (w *world) cutRegion() bool {
	region, off := w.chance(2), !w.living()[0].cut
	for i, s := range w.sites {
		if i%2 == region {
			s.cut = off
		}
	}
	for i, p := range w.instances {
		if i%2 == region {
			p.cut = off
		}
	}
	return true
}

// leap is what a machine that was suspended finds when it wakes.
func (w *world) leap() bool {
	pick(w, w.living()).skew += time.Duration(w.chance(600)) * time.Second
	return true
}
