package main

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
	"fairlead.dev/pkg/scheduler"
)

// patience is how long, in simulated time, a federation may take to come to rest.
const patience = 3 * time.Hour

// rest lets all faults end and everything happen that wants to, until what is wanted
// runs: everything that can be placed is placed, and nothing runs that nobody wants.
func (w *world) rest() {
	w.calm = true
	for _, s := range w.living() {
		s.cut, s.asleep, s.away = false, false, false
	}
	for _, p := range w.instances {
		p.cut, p.asleep = false, false
	}
	w.say("all faults end")
	w.openAll()
	for len(w.users.open) > 0 {
		w.publish()
	}
	why := "nothing was looked at"
	for end := w.now.Add(patience); w.now.Before(end); {
		for range 15 {
			if w.round(); w.stopped != nil {
				return
			}
		}
		if why = w.unrest(); why == "" {
			w.books.folded(w.leader())
			return
		}
	}
	w.fail("no rest after %s: %s", patience, why)
}

// round lets some seconds pass and everybody do what they can then.
func (w *world) round() {
	w.pass(2 * time.Second)
	if len(w.instances) == 0 {
		w.spawn()
	}
	for _, s := range w.living() {
		if len(s.agents) == 0 {
			s.start()
		}
		for _, a := range slices.Clone(s.agents) {
			w.settle(a)
		}
	}
	for _, p := range w.instances {
		w.serve(p)
	}
	w.books.check()
}

// serve lets an instance do all that it can.
func (w *world) serve(p *instance) {
	if !p.begun {
		w.begin(p)
	}
	for _, s := range []event.Stream{event.Intents, event.Status, event.Capacity, event.Placements} {
		_ = p.Read(w.ctx, s, 1000)
	}
	if p.StandsBy() {
		w.probe(p)
	}
	for n := 0; len(p.Chores()) > 0; n++ {
		if n == 10_000 {
			w.fail("%s never ends its chores: %v", p.name, p.Chores())
			return
		}
		w.chore(p, p.Chores()[0])
		if w.sane(p); w.stopped != nil {
			return
		}
	}
}

// settle lets an agent take its commands and do all that it wants to.
func (w *world) settle(a *agentProcess) {
	a.poll()
	for !a.stopped && len(a.inbox) > 0 {
		c := a.inbox[0]
		a.inbox = a.inbox[1:]
		a.take(c)
	}
	for n := 0; !a.stopped && len(a.todo) > 0 && n < 10_000; n++ {
		a.act(0)
	}
	if !a.stopped {
		a.step(nil)
	}
}

// unrest is what is not yet as it should be; empty when all is.
func (w *world) unrest() string {
	p := w.leader()
	if p == nil {
		return fmt.Sprintf("%d instances", len(w.instances))
	}
	if p.Acknowledged() != p.State().Position() {
		return fmt.Sprintf("%s has records that are not in the log", p.name)
	}
	wanted := w.wanted()
	for _, view := range p.State().Workloads() {
		id := event.WorkloadID{Tenant: view.Spec.Tenant, Name: view.Spec.Name}
		if wanted[id.Name] == nil {
			if w.lost(view) {
				continue // the word of a cluster is awaited that will never come
			}
			return fmt.Sprintf("%s is known, and nobody wants it: %s, %+v", id, view.Phase, view.Assignments)
		}
		if why := w.unplaced(p, wanted[id.Name], view); why != "" {
			return why
		}
		delete(wanted, id.Name)
	}
	for name := range wanted { // any one will do
		return fmt.Sprintf("%s is wanted, and not known", name)
	}
	for _, s := range w.living() {
		if why := w.astray(p, s); why != "" {
			return why
		}
	}
	return ""
}

// wanted is what users said last of each name.
func (w *world) wanted() map[event.WorkloadName]*event.WorkloadSubmitted {
	out := map[event.WorkloadName]*event.WorkloadSubmitted{}
	for _, m := range w.tail(event.Intents, 1) {
		e, err := m.Event()
		if err != nil {
			continue
		}
		switch d := e.Data.(type) {
		case *event.WorkloadSubmitted:
			out[d.Name] = d
		case *event.WorkloadWithdrawn:
			delete(out, d.Name)
		}
	}
	return out
}

// unplaced says why a workload is not where it should be: it has fewer replicas than are
// wanted although they would fit, by the clusters' own word.
func (w *world) unplaced(p *instance, want *event.WorkloadSubmitted, view scheduler.WorkloadView) string {
	n := 0
	for _, a := range view.Assignments {
		if !w.site(a.Cluster).dead { // what has no place elsewhere waits for the return of a lost one
			n += a.Replicas
		}
	}
	waits := view.Verdict == event.VerdictHeld || view.Attempt > 0 // it keeps what ran before
	switch {
	case n > want.Replicas && !waits:
		return fmt.Sprintf("%s has %d replicas, %d are wanted", want.Name, n, want.Replicas)
	case n == want.Replicas, view.RolledBack > 0:
		return ""
	case want.Policy.AtMostOnce && w.mourns(view):
		return "" // nobody can say that it does not run there
	case n > 0:
		return "" // what would fit beside what runs hangs on what gives way
	}
	if fit := w.fits(p, want); fit >= want.Replicas {
		return fmt.Sprintf("%s is %s (%s), though %d of %d replicas fit", want.Name, view.Phase, view.Reason, fit, want.Replicas)
	}
	return ""
}

// mourns says whether a cluster that is gone for ever had some of it, or may have.
func (w *world) mourns(view scheduler.WorkloadView) bool {
	for _, s := range w.sites {
		if s.dead && strings.HasPrefix(view.Reason, fmt.Sprintf("at most once: %s is lost", s.id)) {
			return true
		}
	}
	return slices.ContainsFunc(view.Assignments, func(a scheduler.AssignmentView) bool { return w.site(a.Cluster).dead })
}

// lost says whether what is left of a workload is all on clusters that are gone for ever.
func (w *world) lost(view scheduler.WorkloadView) bool {
	return len(w.living()) < len(w.sites) && !slices.ContainsFunc(view.Assignments, func(a scheduler.AssignmentView) bool {
		return !w.site(a.Cluster).dead
	})
}

// fits counts the replicas for which living clusters have room, without those to which
// others bring load: their room comes and goes.
func (w *world) fits(p *instance, want *event.WorkloadSubmitted) int {
	sum, best := 0, 0
	for _, s := range w.living() {
		spec := s.cluster.Spec()
		if s.foreign() || len(want.Policy.Regions) > 0 && !slices.Contains(want.Policy.Regions, spec.Region) {
			continue
		}
		view, err := s.cluster.Observe(w.ctx)
		if err != nil || s.short(p) {
			continue
		}
		n := 0
		for _, shape := range view.Shapes {
			for _, free := range shape.Free {
				n += free.Nodes * room.Fits(free, want.Template.Resources)
			}
		}
		sum, best = sum+n, max(best, n)
	}
	if want.Policy.MaxClusters == 1 {
		return best
	}
	return sum
}

// astray says what runs on a cluster and is not assigned to it, or the other way round.
func (w *world) astray(p *instance, s *site) string {
	assigned := map[event.WorkloadID]int{}
	for _, view := range p.State().Workloads() {
		for _, a := range view.Assignments {
			if a.Cluster == s.id && a.Replicas > 0 {
				assigned[event.WorkloadID{Tenant: view.Spec.Tenant, Name: view.Spec.Name}] = a.Replicas
			}
		}
	}
	for _, o := range s.cluster.Stored() {
		if o.Wanted != assigned[o.Workload] && !s.crowded(p, o.Workload) {
			return fmt.Sprintf("%s has %d of %s, %d are assigned", s.id, o.Wanted, o.Workload, assigned[o.Workload])
		}
		delete(assigned, o.Workload)
	}
	for id, n := range assigned { // any one will do
		if s.crowded(p, id) {
			continue
		}
		return fmt.Sprintf("%s has none of %s, %d are assigned", s.id, id, n)
	}
	return ""
}

// crowded says whether a cluster cannot bring back what somebody took away, because
// others have had the room since, and its users set no time after which it is moved.
func (s *site) crowded(p *instance, id event.WorkloadID) bool {
	if !s.drifted {
		return false
	}
	for _, view := range p.State().Workloads() {
		if view.Spec.Tenant != id.Tenant || view.Spec.Name != id.Name {
			continue
		}
		if progress := view.Spec.Policy.Progress; progress != nil && progress.UnschedulableSeconds > 0 {
			return false
		}
		return slices.ContainsFunc(view.Assignments, func(a scheduler.AssignmentView) bool {
			return a.Cluster == s.id && a.Ready < a.Replicas
		})
	}
	return false
}

// short says whether anything that is assigned to a cluster is not there: the room that
// seems free is kept for it.
func (s *site) short(p *instance) bool {
	return slices.ContainsFunc(p.State().Workloads(), func(view scheduler.WorkloadView) bool {
		return slices.ContainsFunc(view.Assignments, func(a scheduler.AssignmentView) bool {
			return a.Cluster == s.id && a.Ready < a.Replicas
		})
	})
}

// fold makes a state of the log, up to where an instance is.
func (w *world) fold(p *instance) *scheduler.State {
	w.log.Inject(nil)
	defer w.log.Inject(w.network)
	again, err := p.Fold(w.ctx)
	if err != nil {
		w.fail("fold the log again: %v", err)
		return nil
	}
	return again
}

func digest(before, data []byte) []byte {
	sum := sha256.Sum256(append(slices.Clone(before), data...))
	return sum[:8]
}
