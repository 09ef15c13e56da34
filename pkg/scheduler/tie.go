package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

// Workloads of one tenant may be tied to each other's places: to be in the same ones,
// to keep out of them, or to follow. These checks hang on where others stand, so they
// are asked anew when those move (wakeTied), and are no part of the index.

// ties are where a workload may and may not be, by where others stand now.
type ties struct {
	near  []tie // it must be in one of the places of each
	apart []tie // it must be in none
	along map[string]bool
}

// tie is one condition: places by a topology key.
type tie struct {
	by     string
	places map[string]bool
	who    string
}

func isTied(p *event.Policy) bool {
	return len(p.Affinity) > 0 || len(p.AntiAffinity) > 0 || p.Along != ""
}

// enlist keeps the tied workloads of each tenant, by name.
func (s *State) enlist(w *workload) {
	of := s.tied[w.id.Tenant]
	at, found := slices.BinarySearchFunc(of, w, func(a, b *workload) int { return cmp.Compare(a.id.Name, b.id.Name) })
	switch wanted := isTied(&w.spec.Policy) && s.workloads[w.id] == w; {
	case wanted && !found:
		of = slices.Insert(of, at, w)
	case !wanted && found:
		of = slices.Delete(of, at, at+1)
	default:
		return
	}
	if s.tied[w.id.Tenant] = of; len(of) == 0 {
		delete(s.tied, w.id.Tenant)
	}
}

// means says whether the condition is about the other workload.
func means(a *event.Affinity, from, other *workload) bool {
	if from.id == other.id || from.id.Tenant != other.id.Tenant || len(a.Workloads) > 0 && !slices.Contains(a.Workloads, other.id.Name) {
		return false
	}
	for i := range a.Labels {
		if !a.Labels[i].Matches(other.spec.Labels) {
			return false
		}
	}
	return true
}

func meansAny(all []event.Affinity, from, other *workload) bool {
	return slices.ContainsFunc(all, func(a event.Affinity) bool { return means(&a, from, other) })
}

// others are the workloads that a condition is about. Names are looked up; labels
// alone ask every workload of the tenant.
func (s *State) others(a *event.Affinity, w *workload) []*workload {
	var out []*workload
	if len(a.Workloads) > 0 {
		for _, name := range a.Workloads {
			if o := s.workloads[event.WorkloadID{Tenant: w.id.Tenant, Name: name}]; o != nil && means(a, w, o) {
				out = append(out, o)
			}
		}
		return out
	}
	ids := s.workloadIDs()
	at, _ := slices.BinarySearchFunc(ids, event.WorkloadID{Tenant: w.id.Tenant}, event.WorkloadID.Compare)
	for ; at < len(ids) && ids[at].Tenant == w.id.Tenant; at++ {
		if o := s.workloads[ids[at]]; means(a, w, o) {
			out = append(out, o)
		}
	}
	return out
}

// tiesOf works out where the workload may be, once for each state.
func (s *State) tiesOf(q *query, running bool) *ties {
	w := s.workloads[q.of.id]
	if w == nil || w.spec != q.spec { // a question: nothing of it stands in the state
		w = &workload{id: q.of.id, spec: q.spec, generation: s.positions.Intents + 1}
	}
	if q.ties == nil {
		q.ties = new([2]tiesKnown)
	}
	known := &q.ties[0]
	if running {
		known = &q.ties[1]
	}
	if known.ties == nil || known.applied != s.applied {
		*known = tiesKnown{s.applied, s.workOut(w, running)}
	}
	return known.ties
}

// tiesKnown are ties with the state they were worked out for; a cache.
type tiesKnown struct {
	applied uint64
	ties    *ties
}

func (s *State) workOut(w *workload, running bool) *ties {
	p, out := &w.spec.Policy, &ties{}
	circle := s.circle(w)
	for i := range p.Affinity {
		if t, ok := s.nearTo(w, &p.Affinity[i], circle); ok {
			out.near = append(out.near, t)
		}
	}
	for i := range p.AntiAffinity {
		a := &p.AntiAffinity[i]
		for _, o := range s.others(a, w) {
			out.keepOff(o, w, a.By, running)
		}
	}
	for _, o := range s.tied[w.id.Tenant] {
		for i := range o.spec.Policy.AntiAffinity {
			if a := &o.spec.Policy.AntiAffinity[i]; means(a, o, w) {
				out.keepOff(o, w, a.By, running)
			}
		}
	}
	if p.Along != "" {
		out.along = map[string]bool{}
		if o := s.workloads[event.WorkloadID{Tenant: w.id.Tenant, Name: p.Along}]; o != nil {
			o.standsIn("cluster", out.along)
		}
	}
	return out
}

// nearTo gathers the places of the others of a condition; false if it leads a circle
// of workloads that want to be near each other: the others will come to it.
func (s *State) nearTo(w *workload, a *event.Affinity, circle []*workload) (tie, bool) {
	t := tie{by: a.By, places: map[string]bool{}, who: affinityWords(a)}
	leads := false
	for _, o := range s.others(a, w) {
		if slices.Contains(circle, o) && circle[0].id == w.id {
			leads = true
			continue
		}
		o.standsIn(a.By, t.places)
	}
	return t, !leads || len(t.places) > 0
}

// keepOff adds the places in which the other has anything at all. What runs yields
// only to those whose wish is older, so that one of the two moves and not both.
func (t *ties) keepOff(o, w *workload, by string, running bool) {
	if running && o.generation > w.generation {
		return
	}
	places := map[string]bool{}
	for _, st := range o.seats {
		if c := st.c; c.report != nil {
			places[place(by, c.report)] = true
		}
	}
	delete(places, "")
	if len(places) > 0 {
		t.apart = append(t.apart, tie{by: by, places: places, who: string(o.id.Name)})
	}
}

// standsIn adds the places where replicas are to stay.
func (w *workload) standsIn(by string, into map[string]bool) {
	if w.withdrawn {
		return
	}
	for i := range w.portions {
		p := &w.portions[i]
		if p.stays() > 0 && w.on(p.c) != nil && p.c.report != nil {
			into[place(by, p.c.report)] = true
		}
	}
	delete(into, "")
}

// circle are the workloads that want to be near each other, the workload among them,
// by name; nil if it is in none. The first is free to choose.
func (s *State) circle(w *workload) []*workload {
	if len(w.spec.Policy.Affinity) == 0 {
		return nil
	}
	var out []*workload
	for _, o := range s.reach(w) {
		if slices.ContainsFunc(s.reach(o), func(back *workload) bool { return back.id == w.id }) {
			out = append(out, o)
		}
	}
	return out
}

// reach are the tied workloads that one wants to be near, and those that they do, by
// name.
func (s *State) reach(from *workload) []*workload {
	in := map[*workload]bool{}
	todo := []*workload{from}
	for len(todo) > 0 {
		w := todo[0]
		todo = todo[1:]
		for _, o := range s.tied[w.id.Tenant] {
			if !in[o] && !o.withdrawn && meansAny(w.spec.Policy.Affinity, w, o) {
				in[o] = true
				todo = append(todo, o)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(s.tied[from.id.Tenant]), func(o *workload) bool { return !in[o] })
}

// wakeTied lets those be decided again that hang on where the workload stands, or on
// what it is.
func (s *State) wakeTied(w *workload) {
	for _, o := range s.tied[w.id.Tenant] {
		p := &o.spec.Policy
		if o != w && (p.Along == w.id.Name || meansAny(p.Affinity, o, w) || meansAny(p.AntiAffinity, o, w)) {
			s.touch(o)
		}
	}
	if len(w.spec.Policy.AntiAffinity) == 0 {
		return
	}
	for _, g := range s.queue.groups {
		for _, o := range g.members {
			if meansAny(w.spec.Policy.AntiAffinity, w, o) {
				s.touch(o)
			}
		}
	}
}

// reinstate lets those be decided again that hang on a wish which stands again: by its
// age, those that run may have to yield to it.
func (s *State) reinstate(w *workload) {
	s.enlist(w)
	s.wakeTied(w)
	for i := range w.spec.Policy.AntiAffinity {
		for _, o := range s.others(&w.spec.Policy.AntiAffinity[i], w) {
			s.touch(o)
		}
	}
}

// alone says whether what the workload lacks is its own affair: others that ask for
// the same may be tied otherwise.
func (s *State) alone(w *workload) bool {
	return isTied(&w.spec.Policy) || slices.ContainsFunc(s.tied[w.id.Tenant], func(o *workload) bool {
		return meansAny(o.spec.Policy.AntiAffinity, o, w)
	})
}

func affinityWords(a *event.Affinity) string {
	var words []string
	for _, name := range a.Workloads {
		words = append(words, string(name))
	}
	out := strings.Join(words, " or ")
	for _, r := range a.Labels {
		out += fmt.Sprintf(" with %s", requirementWords(r))
	}
	return strings.TrimSpace(out)
}
