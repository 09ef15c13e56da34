package sim

import (
	"math/rand/v2"
)

// Ties says who wins among nodes that cost the same.
type Ties int

// Ties are broken by the order of the nodes, by chance, or by the state left over.
const (
	ByOrder Ties = iota
	ByChance
	ByState
)

// Policy is who packs.
type Policy struct {
	Name string
	Ties Ties
	// EveryDevice lets it choose the device of a share; else it is the fullest.
	EveryDevice bool
	// Cost of a node for a class, lower is better; it must depend on these alone.
	Cost func(f *Fleet, class int, before, after *Known) float64
	// Cluster chooses a cluster first, if set; -1 if none is thought to have room.
	Cluster func(f *Fleet, class int) int
}

// Known is a state with what was computed of it.
type Known struct {
	State
	id      int
	value   float64 // of the policy's own making
	valued  bool
	options []option
	fits    []int64 // by class, on shapes open to it; nil until asked for
	stamp   int
}

// option is what becomes of a class on a state.
type option struct {
	known, fits bool
	cost        float64
	after       *Known
}

// Fleet is the nodes while they are packed.
type Fleet struct {
	In      *Input
	Weight  []float64 // share of the arrivals by class
	Groups  [][]int   // the nodes of each cluster
	nodes   []*Known
	states  map[State]*Known
	policy  *Policy
	rng     *rand.Rand
	turn    int
	cluster clusterRoom
}

// NewFleet deals the nodes to clusters: groups[i] are the nodes of cluster i.
func NewFleet(in *Input, p *Policy, groups [][]int, seed uint64) *Fleet {
	f := &Fleet{In: in, Groups: groups, policy: p, states: map[State]*Known{}, rng: rand.New(rand.NewPCG(seed, 99))}
	for _, shape := range in.Machines {
		f.nodes = append(f.nodes, f.state(in.empty(shape)))
	}
	f.Weight = make([]float64, len(in.Classes))
	for _, c := range in.Arrivals {
		f.Weight[c] += 1 / float64(len(in.Arrivals))
	}
	f.cluster.init(f)
	return f
}

func (f *Fleet) state(s State) *Known {
	k := f.states[s]
	if k == nil {
		k = &Known{State: s, id: len(f.states), options: make([]option, len(f.In.Classes))}
		f.states[s] = k
	}
	return k
}

// Value is something of a state that is computed once.
func (f *Fleet) Value(k *Known, of func(*Fleet, *State) float64) float64 {
	if !k.valued {
		k.value, k.valued = of(f, &k.State), true
	}
	return k.value
}

func (f *Fleet) option(k *Known, class int) option {
	o := &k.options[class]
	if o.known {
		return *o
	}
	o.known = true
	c := &f.In.Classes[class]
	if !f.In.Open[class][k.Shape] || k.Fits(c) == 0 {
		return *o
	}
	devices := k.Devices(c)
	if !f.policy.EveryDevice {
		devices = devices[:1]
	}
	for _, d := range devices {
		after := f.state(k.Take(c, d))
		if cost := f.policy.Cost(f, class, k, after); !o.fits || cost < o.cost {
			o.fits, o.cost, o.after = true, cost, after
		}
	}
	return *o
}

// place puts one of the class on the best node; false if none has room, or none in
// the cluster that was chosen for it.
func (f *Fleet) place(class int) bool {
	cluster := 0
	if f.policy.Cluster != nil {
		cluster = f.policy.Cluster(f, class)
	}
	if cluster < 0 {
		return false
	}
	at, o := f.best(f.Groups[cluster], class)
	if at < 0 {
		return false
	}
	f.cluster.move(f, cluster, f.nodes[at], o.after)
	f.nodes[at] = o.after
	return true
}

// best is the node that costs least, -1 if none has room.
func (f *Fleet) best(nodes []int, class int) (at int, best option) {
	at = -1
	ties := 1
	f.turn++
	for _, n := range nodes {
		k := f.nodes[n]
		if f.policy.Ties != ByChance {
			if k.stamp == f.turn {
				continue // a node in the same state came earlier
			}
			k.stamp = f.turn
		}
		o := f.option(k, class)
		switch {
		case !o.fits:
		case at < 0 || o.cost < best.cost:
			at, best, ties = n, o, 1
		case o.cost > best.cost || f.policy.Ties == ByOrder:
		case f.policy.Ties == ByChance:
			if ties++; f.rng.IntN(ties) == 0 {
				at, best = n, o
			}
		case compare(&o.after.State, &best.after.State) < 0:
			at, best = n, o
		}
	}
	return at, best
}
