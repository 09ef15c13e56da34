package live

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
	"fairlead.dev/test/openb/trace"
)

// Others is what others place past the core, in the long run. The core is not told; an
// oracle that knows it, and every fact up to the last reports, says how likely a command
// is rejected.
type Others struct {
	Pods   []trace.Pod // one of which is drawn each time
	Millis float64     // between two of them on one cluster, in the mean
}

// samples is how often it is tried out what others may do to a command.
const samples = 200

// foresee lets the oracle rate a command before it is told: what it makes of the place
// that was chosen, and of the safest in the fleet.
func (f *Fleet) foresee(d *event.CommandPlace) {
	if f.cfg.Others == nil || len(d.Shapes) != 1 {
		return
	}
	rng, p := rand.New(rand.NewPCG(d.Number, uint64(f.Commands))), f.asked[d.ID()]
	chosen := f.by[d.Cluster].chance(d.Shapes[0].Shape, p.Resources, rng)
	f.Chance += chosen
	f.Least += min(chosen, f.safest(p, chosen, rng))
}

// safest is the least chance of a rejection among all shapes of all clusters that hold
// the pod, or below of.
func (f *Fleet) safest(p trace.Pod, of float64, rng *rand.Rand) float64 {
	for _, s := range f.sites {
		for _, sh := range s.shapes {
			if of == 0 {
				return 0
			}
			if open := len(p.Models) == 0 || slices.Contains(p.Models, sh.Labels[trace.ModelLabel]); open && s.thought.holders(sh.Name, p.Resources) > 0 {
				of = min(of, s.chance(sh.Name, p.Resources, rng))
			}
		}
	}
	return of
}

// rethink is what can be known of the cluster from now on: it is as it reported, and will
// have carried out what is under way.
func (s *site) rethink() {
	twins := map[*node]*node{}
	s.thought = &site{f: &Fleet{}, id: s.id, shapes: s.shapes, runs: map[event.WorkloadID]*run{}}
	for _, n := range s.nodes {
		c := *n
		c.free.GPUs = slices.Clone(n.free.GPUs)
		twins[n] = &c
		s.thought.nodes = append(s.thought.nodes, &c)
	}
	for id, r := range s.runs {
		s.thought.runs[id] = &run{on: twins[r.on], request: r.request, devices: r.devices}
	}
	for _, c := range s.inbox {
		s.thought.imagine(c.Payload)
	}
}

// imagine carries out a command where there is room.
func (s *site) imagine(p event.Payload) {
	switch d := p.(type) {
	case *event.CommandPlace:
		s.end(d.ID())
		if len(d.Shapes) != 1 {
			return
		}
		if n := s.choose(d.Shapes[0], d.Template.Resources); n != nil {
			s.start(d.ID(), n, d.Template.Resources)
		}
	case *event.CommandWithdraw:
		s.end(d.ID())
	}
}

// holders counts the nodes of a shape that hold a request.
func (s *site) holders(shape string, q event.Resources) int {
	n := 0
	for _, x := range s.nodes {
		if x.shape == shape && room.Fits(x.free, q) > 0 {
			n++
		}
	}
	return n
}

// chance is how likely others leave no room for a request on the shape until a command
// told now is carried out. So many of them come as to be expected since the last report.
func (s *site) chance(shape string, q event.Resources, rng *rand.Rand) float64 {
	switch n := s.thought.holders(shape, q); {
	case n == 0:
		return 1
	case n > 3:
		return 0 // as many would have to come there within seconds
	}
	gone, come := 0, float64(s.f.clock-s.spoke+slowest)/s.f.cfg.Others.Millis
	for range samples {
		n := 0
		for at := rng.ExpFloat64(); at < come; at += rng.ExpFloat64() {
			p := s.f.cfg.Others.Pods[rng.IntN(len(s.f.cfg.Others.Pods))]
			if on := tightest(s.thought.open(p), "", p.Resources); on != nil {
				s.thought.start(foreign(fmt.Sprint("imagined", n)), on, p.Resources)
				n++
			}
		}
		if n > 0 && s.thought.holders(shape, q) == 0 {
			gone++
		}
		for i := range n {
			s.thought.end(foreign(fmt.Sprint("imagined", i)))
		}
	}
	return float64(gone) / samples
}
