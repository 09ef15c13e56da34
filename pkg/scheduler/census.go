package scheduler

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering"
)

// census counts the replicas of every class that is steered: what waits, and what
// stands on which cluster. It is a cache over the workloads, kept only by a process
// that makes plans.
type census struct {
	stamp   uint32 // of the tables its classes are named by
	classes map[string]*counts
}

// counts are the replicas of one class.
type counts struct {
	query    *query // of one workload of the class
	waiting  int64
	stand    int64         // everywhere
	standing map[int]int64 // by number of cluster
}

// counted is what a workload adds to the census.
type counted struct {
	in      *census
	class   *counts
	waiting int64
	on      []portion
}

// recount brings the census up to date with a workload.
func (s *State) recount(w *workload) {
	cs := s.steer.census
	if cs == nil || cs.stamp != s.known.stamp {
		return // the next summary counts anew
	}
	s.uncount(w)
	if w.query.impossible != "" || s.workloads[w.id] != w {
		return
	}
	s.prepare(w.query)
	if cs.stamp != s.known.stamp || !w.query.weigh.steers() {
		return
	}
	w.counted = &counted{in: cs, class: cs.class(s, w.query), waiting: int64(w.lacks()), on: w.portions}
	w.counted.add(1)
}

// uncount takes a workload out of the census.
func (s *State) uncount(w *workload) {
	if w.counted != nil && w.counted.in == s.steer.census {
		w.counted.add(-1)
	}
	w.counted = nil
}

func (cs *census) class(s *State, q *query) *counts {
	key := s.steerClass(q)
	if cs.classes[key] == nil {
		cs.classes[key] = &counts{query: q, standing: map[int]int64{}}
	}
	return cs.classes[key]
}

func (ct *counted) add(sign int64) {
	ct.class.waiting += sign * ct.waiting
	for i := range ct.on {
		n := sign * int64(ct.on[i].stays())
		ct.class.stand += n
		ct.class.standing[ct.on[i].c.number] += n
	}
}

// lacks is how many wanted replicas stand nowhere.
func (w *workload) lacks() int {
	if w.withdrawn || w.verdict == event.VerdictCompleted {
		return 0
	}
	out := w.spec.Replicas
	for i := range w.portions {
		out -= w.portions[i].stays()
	}
	return max(0, out)
}

// Steering is the fleet as the next plan should see it; nil where nothing has a price
// or the clusters are of too many kinds. It changes caches alone.
func (s *State) Steering() *steering.Summary {
	if s.reference() == (event.Price{}) {
		return nil
	}
	by, groups := s.planGroups()
	if len(groups) == 0 {
		return nil
	}
	s.takeCensus()
	out := &steering.Summary{By: by, Observed: s.observed, Positions: s.positions}
	for i := range groups {
		out.Groups = append(out.Groups, groups[i].summary())
	}
	for _, key := range s.steer.census.largest(s) {
		out.Classes = append(out.Classes, s.summarise(key, s.steer.census.classes[key], groups))
	}
	return out
}

// takeCensus counts every workload, unless the census is kept up already.
func (s *State) takeCensus() {
	for s.steer.census == nil || s.steer.census.stamp != s.known.stamp {
		s.steer.census = &census{stamp: s.known.stamp, classes: map[string]*counts{}}
		for _, id := range s.workloadIDs() {
			s.recount(s.workloads[id])
		}
		if len(s.known.profiles) == maxProfiles {
			return // more classes than tables hold: those counted last will do
		}
	}
}

// largest names the classes that want most, at most as many as a plan takes, by name.
func (cs *census) largest(s *State) []string {
	type sized struct {
		key  string
		size int64
	}
	var all []sized
	dearest := s.reference()
	for _, key := range sortedKeys(cs.classes) {
		if n := cs.classes[key].waiting + cs.classes[key].stand; n > 0 {
			all = append(all, sized{key, addUp(0, cost(cs.classes[key].query.class.request, &dearest), int(n))})
		}
	}
	slices.SortStableFunc(all, func(a, b sized) int { return cmp.Compare(b.size, a.size) })
	var out []string
	for _, a := range all[:min(len(all), steering.MaxClasses)] {
		out = append(out, a.key)
	}
	slices.Sort(out)
	return out
}

// planGroup is the clusters of one group, by name.
type planGroup struct {
	name     string
	clusters []*cluster
}

// planGroups tells clusters apart as finely as a plan can.
func (s *State) planGroups() (event.SteeringPlannedBy, []planGroup) {
	for _, by := range []event.SteeringPlannedBy{event.SteeringPlannedByCluster, event.SteeringPlannedByOffer, event.SteeringPlannedByRegion} {
		groups := map[string][]*cluster{}
		for _, c := range s.clusters.sorted {
			if c.report != nil && !c.left && len(groups) <= steering.MaxGroups {
				groups[c.groupName(by)] = append(groups[c.groupName(by)], c)
			}
		}
		if len(groups) > steering.MaxGroups {
			continue
		}
		var out []planGroup
		for _, name := range sortedKeys(groups) {
			out = append(out, planGroup{name, groups[name]})
		}
		return by, out
	}
	return "", nil
}

func (g *planGroup) summary() steering.Group {
	out := steering.Group{Name: g.name}
	for _, c := range g.clusters {
		left := c.freeRoom().left
		out.Free.CPUMilli = addUp(out.Free.CPUMilli, left.CPUMilli, 1)
		out.Free.MemoryBytes = addUp(out.Free.MemoryBytes, left.MemoryBytes, 1)
		out.Free.GPUMilli = addUp(out.Free.GPUMilli, left.GPUMilli, 1)
	}
	return out
}

// samples is how many clusters of a group stand for all of it where each class is
// asked for: a group is of one region, provider and price.
const samples = 4

func (s *State) summarise(key string, n *counts, groups []planGroup) steering.Class {
	s.prepare(n.query)
	dearest := s.reference()
	request := n.query.class.request
	out := steering.Class{Key: key, Request: request, Waiting: n.waiting, Dearest: cost(request, &dearest)}
	for i := range groups {
		g := &groups[i]
		standing := int64(0)
		for _, c := range g.clusters {
			standing += n.standing[c.number]
		}
		price, fits := s.sample(n.query.asks, g)
		out.Standing, out.Price, out.Fits = append(out.Standing, standing), append(out.Price, price), append(out.Fits, fits)
	}
	return out
}

// sample is the price of a replica in a group and how many fit there, from a few of
// its clusters; the price is Barred where none of them may take it.
func (s *State) sample(q *query, g *planGroup) (price, fits int64) {
	price = steering.Barred
	step := (len(g.clusters) + samples - 1) / samples
	asked := 0
	for i := 0; i < len(g.clusters); i += step {
		c := g.clusters[i]
		asked++
		if !s.passes(q, c, false) {
			continue
		}
		here, known := c.cheapest(q.class)
		if !known {
			dearest := s.reference()
			here = cost(q.class.request, &dearest)
		}
		price = max(price, here)
		fits += int64(c.freeRoom().fit(q.class))
	}
	return price, fits * int64(len(g.clusters)) / int64(asked)
}
