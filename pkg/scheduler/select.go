package scheduler

import (
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// Which clusters a division may use: at most so many, and of each topology key so
// many groups as the policy's spread says.

// bounds are a policy's bounds on clusters and groups, as the choice uses them.
type bounds struct {
	n        int  // replicas wanted
	each     bool // duplicate: every cluster carries all of them
	share    int  // fewest replicas on a cluster that carries any
	min, max int  // clusters that carry replicas; max 0 is no bound
	keys     []keyBound
	few      bool // pack: no more clusters than it takes
}

// keyBound is the bound on the groups of one topology key other than the cluster.
type keyBound struct {
	by       string
	at       int // its place in candidate.groups
	min, max int // max 0 is no bound
}

func boundsOf(p *event.Policy, n int) bounds {
	b := bounds{
		n: n, each: copies(p), share: max(1, p.MinPerCluster), max: p.MaxClusters,
		few: p.Strategy == event.StrategyPack,
	}
	for i, s := range p.Spread {
		switch {
		case s.By == "cluster":
			b.min = s.Min
			if s.Max > 0 && (b.max == 0 || s.Max < b.max) {
				b.max = s.Max
			}
		case s.Min > 1 || s.Max > 0: // one group there always is
			b.keys = append(b.keys, keyBound{by: s.By, at: i, min: s.Min, max: s.Max})
		}
	}
	return b
}

// free says whether the policy leaves all clusters open.
func (b *bounds) free() bool {
	return b.n == 0 || b.min <= 1 && b.max == 0 && len(b.keys) == 0 && (b.share == 1 || b.each)
}

// mostClusters is the bound on clusters that carry replicas, for so many there are.
func (b *bounds) mostClusters(there int) int {
	if b.max > 0 {
		there = min(there, b.max)
	}
	if !b.each && b.share > 1 {
		there = min(there, b.n/b.share)
	}
	return there
}

// choice is a set of clusters to divide over; the must carry replicas.
type choice struct {
	chosen []*candidate
	must   []*candidate
	room   int // replicas they hold, at most n
}

// choose gives the clusters to divide over, by score, with the floors that keep the
// bounds, and what comes of it.
func choose(p *event.Policy, n int, able []*candidate) ([]*candidate, outcome) {
	b := boundsOf(p, n)
	var best choice
	var lack outcome
	switch {
	case b.free():
		best = choice{chosen: able, room: b.roomOf(able)}
	case len(b.keys) == 0:
		order := slices.Clone(able)
		slices.SortStableFunc(order, keeping)
		best, lack = b.pick(order, nil)
	default:
		best, lack = b.search(able)
	}
	out := b.outcome(p, &best, lack)
	if !out.ok {
		return nil, out
	}
	for _, c := range able {
		c.floor = 0
	}
	if !b.each {
		for _, c := range best.must {
			c.floor = b.share
		}
	}
	slices.SortStableFunc(best.chosen, better)
	return best.chosen, out
}

// roomOf is how many replicas the clusters hold, at most n. For duplicate it is n if
// there is any cluster.
func (b *bounds) roomOf(cands []*candidate) int {
	if b.each && len(cands) > 0 {
		return b.n
	}
	return min(b.n, limitsOf(cands))
}

// outcome says whether the choice is enough, and what it lacks otherwise.
func (b *bounds) outcome(p *event.Policy, best *choice, lack outcome) outcome {
	enough := best.room >= b.n && (b.n == 0 || len(best.chosen) > 0)
	out := outcome{placed: best.room, ok: enough || p.MinReplicas > 0 && best.room >= p.MinReplicas}
	switch {
	case enough:
	case lack.lacks != "":
		out.lacks, out.need, out.have, out.why = lack.lacks, lack.need, lack.have, lack.why
	case !b.free() && len(best.chosen) > 0:
		out.lacks, out.need, out.have = "replicas", int64(b.n), int64(best.room)
		out.why = fmt.Sprintf("%d replicas wanted, the clusters that keep the bounds hold %d together", b.n, best.room)
	}
	return out
}

// pick chooses clusters with no regard to groups, beyond those that must be in. From
// is in the order of keeping: what runs stays, then the best, as many as are allowed (for pack, as are needed). Where
// they do not hold all replicas, the roomiest take the place of the last.
func (b *bounds) pick(from, must []*candidate) (choice, outcome) {
	most := b.mostClusters(len(from))
	if len(from) < b.min || most < b.min || len(must) > most {
		return choice{}, outcome{lacks: "spread", need: int64(b.min), have: int64(min(most, len(from))),
			why: fmt.Sprintf("%d clusters wanted, %d can carry replicas", b.min, min(most, len(from)))}
	}
	if b.few && len(from) > 0 && len(must) == 0 && b.min <= 1 && from[0].prev == 0 {
		if at := slices.IndexFunc(from, func(c *candidate) bool { return c.limit >= b.n }); at >= 0 {
			return choice{chosen: from[at : at+1 : at+1], room: b.n}, outcome{}
		}
	}
	others := from
	if len(must) > 0 {
		others = slices.DeleteFunc(slices.Clone(from), func(c *candidate) bool { return slices.Contains(must, c) })
	}
	count := most - len(must)
	if b.few && b.share > 1 {
		count = b.fewest(must, others, count)
	}
	taken := b.swap(must, others, count)
	out := choice{chosen: append(slices.Clone(must), taken...), must: slices.Clone(must)}
	out.room = b.roomOf(out.chosen)
	for _, c := range taken {
		if len(out.must) < b.min || b.share > 1 {
			out.must = append(out.must, c)
		}
	}
	return out, outcome{}
}

// fewest is how many of the others are needed beside the must, at least as many as
// the lower bound asks and at most count.
func (b *bounds) fewest(must, others []*candidate, count int) int {
	order := slices.Clone(others)
	slices.SortStableFunc(order, roomier)
	room, k := limitsOf(must), 0
	for k < count && (room < b.n || len(must)+k < b.min) {
		room = min(maxFit, room+order[k].limit)
		k++
	}
	return k
}

// swap takes the first count of the others; while they do not hold all replicas with
// the must, the last is given up for the roomiest that is left.
func (b *bounds) swap(must, others []*candidate, count int) []*candidate {
	taken := slices.Clone(others[:count])
	have := limitsOf(must) + limitsOf(taken)
	if b.each || have >= b.n || count == len(others) {
		return taken
	}
	rest := slices.Clone(others[count:])
	slices.SortStableFunc(rest, roomier)
	for i := len(taken) - 1; i >= 0 && have < b.n; i-- {
		if rest[0].limit <= taken[i].limit {
			continue
		}
		have += rest[0].limit - taken[i].limit
		taken[i], rest[0] = rest[0], taken[i]
		slices.SortStableFunc(rest, roomier)
	}
	return taken
}
