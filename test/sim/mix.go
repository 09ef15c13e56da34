package main

import "slices"

// mix is what one history visits. Each seed draws its own: which faults there are at all
// and how often, how bad the network is, how tight the clusters are. A history in which
// everything happens a little never goes far in any direction; thousands that each go
// somewhere else do.
type mix struct {
	happenings []happening
	faults     []fault
	network    int // one operation on the log in so many goes wrong; 0 for none
	views      int // one view in so many is partial; 0 for none
	orders     int // one command in so many comes twice, and one out of order; 0 for none
	leaps      int // one passing of time in so many is long
	mistakes   int // one probe in so many takes the leader for dead; 0 for none

	errors, rejections float64 // how often a cluster fails, or refuses what would fit
	large              bool    // wishes are large beside the clusters
}

func drawMix(w *world) mix {
	m := mix{
		network:    pick(w, []int{0, 100, 24, 24, 8}),
		views:      pick(w, []int{0, 12, 12, 3}),
		orders:     pick(w, []int{0, 20, 20, 5}),
		leaps:      pick(w, []int{80, 40, 40, 10}),
		mistakes:   pick(w, []int{0, 8, 8, 3}),
		errors:     pick(w, []float64{0, 0.04, 0.04, 0.3}),
		rejections: pick(w, []float64{0, 0.03, 0.2}),
		large:      w.oneIn(3),
		happenings: slices.Clone(happenings),
		faults:     slices.Clone(faults),
	}
	for i := range m.happenings {
		m.happenings[i].weight *= pick(w, []int{1, 2, 2, 4})
	}
	for i := range m.faults {
		m.faults[i].weight *= pick(w, []int{0, 1, 1, 4})
	}
	if !slices.ContainsFunc(m.faults, func(f fault) bool { return f.weight > 0 }) {
		m.faults = slices.Clone(faults)
	}
	return m
}

// rarely says yes once in n times, and never for 0, nor once all faults have ended.
func (w *world) rarely(n int) bool { return !w.calm && n > 0 && w.oneIn(n) }

// chanceOf says yes with a probability, and never once all faults have ended.
func (w *world) chanceOf(p float64) bool { return !w.calm && p > 0 && w.r.Float64() < p }
