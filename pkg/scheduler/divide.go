package scheduler

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

// candidate is a cluster that may carry replicas.
type candidate struct {
	c      *cluster
	limit  int      // most replicas in all
	prev   int      // replicas it has and may keep
	weight int64    // share, for the strategy weighted
	score  int64    // millionths, higher is better
	tier   int      // place of its tier in the policy
	groups []string // its group for each topology key of the policy's spread
	at     spot     // where its next replica would go

	floor int // fewest seats: the choice of clusters rests on them
	seats int // the result
}

// spot is where its next replica would go, nil if that is not known.
func (c *candidate) spot() *spot {
	if c.at.node == nil {
		return nil
	}
	return &c.at
}

// outcome is what a division came to.
type outcome struct {
	placed int  // replicas that have a seat; for duplicate, on each cluster
	ok     bool // whether they are all, or enough for a partial placement

	quota *bound // the limit that leaves room for no more; nil if none does

	// What it lacks, where something is missing.
	lacks      string
	need, have int64
	why        string
}

// divide sets seats so that they add up to n (or n each for duplicate), or to fewer
// if the policy says that fewer are worth placing. Replicas stay where they are as
// far as the strategy allows.
func divide(p *event.Policy, n int, cands []*candidate) outcome {
	if n == 1 && takesBest(p, cands) {
		best := slices.MinFunc(cands, better)
		for _, c := range cands {
			c.seats, c.floor = 0, 0
		}
		best.seats = 1
		return outcome{placed: 1, ok: true}
	}
	slices.SortStableFunc(cands, better)
	able := slices.DeleteFunc(slices.Clone(cands), func(c *candidate) bool {
		c.seats, c.floor = 0, 0
		return !c.able(p, n)
	})
	chosen, out := within(p, n, able)
	if !out.ok {
		return out
	}
	if copies(p) {
		for _, c := range chosen {
			c.seats = n
		}
		return out
	}
	apportion(p, out.placed, chosen)
	return out
}

// takesBest says whether one replica simply goes to the best cluster: none runs, all
// have room, and the policy bounds nothing.
func takesBest(p *event.Policy, cands []*candidate) bool {
	switch p.Strategy {
	case "", event.StrategySpread, event.StrategyPack:
	default:
		return false
	}
	if len(cands) == 0 || copies(p) || len(p.Tiers) > 0 || len(p.Spread) > 0 || p.MinPerCluster > 1 {
		return false
	}
	return !slices.ContainsFunc(cands, func(c *candidate) bool { return c.prev > 0 || c.limit < 1 })
}

// able says whether the cluster can carry the least that a share may be.
func (c *candidate) able(p *event.Policy, n int) bool {
	switch {
	case copies(p):
		return c.limit >= n
	case p.Strategy == event.StrategyWeighted && c.weight == 0:
		return false
	}
	return c.limit >= max(1, p.MinPerCluster)
}

// within chooses the clusters to divide over: of as few tiers as hold all replicas,
// the ones of what runs among them.
func within(p *event.Policy, n int, able []*candidate) ([]*candidate, outcome) {
	last := max(0, len(p.Tiers)-1)
	for tier := lowestTier(able); tier < last; tier++ {
		upTo := slices.DeleteFunc(slices.Clone(able), func(c *candidate) bool { return c.tier > tier })
		if chosen, out := choose(p, n, upTo); out.ok && out.placed == n {
			return chosen, out
		}
	}
	return choose(p, n, able)
}

// lowestTier is the last tier in which replicas run.
func lowestTier(able []*candidate) int {
	tier := 0
	for _, c := range able {
		if c.prev > 0 {
			tier = max(tier, c.tier)
		}
	}
	return tier
}

// better orders candidates by score, then name: a total order.
func better(a, b *candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.c.id, b.c.id))
}

// keeping orders candidates by the replicas that would stay, then as better does.
func keeping(a, b *candidate) int { return cmp.Or(cmp.Compare(b.prev, a.prev), better(a, b)) }

// roomier orders candidates by room, then as better does.
func roomier(a, b *candidate) int { return cmp.Or(cmp.Compare(b.limit, a.limit), better(a, b)) }

// apportion divides n replicas over clusters that hold them: tier by tier, the first
// one filled before the next; what runs in a later tier stays as long as it is wanted.
func apportion(p *event.Policy, n int, chosen []*candidate) {
	for _, c := range chosen {
		c.seats = c.floor
		if p.Strategy != event.StrategyWeighted {
			c.seats = max(c.floor, min(c.prev, c.limit))
		}
	}
	if len(p.Tiers) < 2 {
		divideTier(p, n, chosen)
		return
	}
	tiers := make([][]*candidate, len(p.Tiers))
	for _, c := range chosen {
		tiers[c.tier] = append(tiers[c.tier], c)
	}
	for i, target := range tierTargets(n, tiers) {
		divideTier(p, target, tiers[i])
	}
}

// tierTargets says how many replicas each tier gets, beginning with its seats.
func tierTargets(n int, tiers [][]*candidate) []int {
	out := make([]int, len(tiers))
	left := n
	for i, tier := range tiers {
		out[i] = seatsOf(tier)
		left -= out[i]
	}
	for i, tier := range tiers {
		if more := min(left, limitsOf(tier)-out[i]); more > 0 {
			out[i], left = out[i]+more, left-more
		}
	}
	for i, tier := range slices.Backward(tiers) {
		if fewer := min(-left, out[i]-floorsOf(tier)); fewer > 0 {
			out[i], left = out[i]-fewer, left+fewer
		}
	}
	return out
}

// divideTier divides n replicas over the clusters of one tier by the policy's strategy.
func divideTier(p *event.Policy, n int, cands []*candidate) {
	switch p.Strategy {
	case event.StrategyPack:
		pack(n, cands)
	case event.StrategyWeighted:
		lots := lotsOf(cands)
		for i := range lots {
			lots[i].weight = cands[i].weight
		}
		award(n, lots, websterFirst)
	case event.StrategyAvailable:
		available(n, cands)
	default:
		award(n, lotsOf(cands), emptiestFirst)
	}
}

// available keeps what is there: more replicas go by the room beside it, fewer are
// taken in proportion to what each has.
func available(n int, cands []*candidate) {
	have := seatsOf(cands)
	if have > n {
		shrink(n, cands)
		return
	}
	grow(n-have, cands)
}

// grow divides more seats over the clusters by their room beside the present ones.
func grow(more int, cands []*candidate) {
	lots := make([]lot, len(cands))
	for i, c := range cands {
		room := c.limit - c.seats
		lots[i] = lot{cand: c, base: c.seats, most: room, weight: int64(room)}
	}
	award(more, lots, websterFirst)
}

// shrink leaves n seats, in proportion to the present ones.
func shrink(n int, cands []*candidate) {
	lots := make([]lot, len(cands))
	for i, c := range cands {
		lots[i] = lot{cand: c, seats: c.floor, least: c.floor, most: c.seats, weight: int64(c.seats)}
	}
	award(n, lots, websterFirst)
}

// pack uses as few clusters as possible: it fills those that have replicas, then the
// best one that holds the rest, or else the roomiest; it empties the smallest first.
// Over several, replicas are divided by the room.
func pack(n int, cands []*candidate) {
	have := seatsOf(cands)
	if have > n {
		shrink(n, fewestHolding(n, cands))
		return
	}
	used, rest := split(cands, func(c *candidate) bool { return c.seats > 0 })
	more := n - have
	over := fewestFor(more, used)
	if free := limitsOf(used) - have; free < more {
		over = append(used, fewestFor(more-free, rest)...)
	}
	grow(more, over)
}

// fewestHolding keeps the largest shares that add up to n, and those the choice
// rests on; the others lose their seats.
func fewestHolding(n int, cands []*candidate) []*candidate {
	order := slices.Clone(cands)
	slices.SortStableFunc(order, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(min(b.floor, 1), min(a.floor, 1)), cmp.Compare(b.seats, a.seats), better(a, b))
	})
	held, k := 0, 0
	for k < len(order) && (held < n || order[k].floor > 0) {
		held += order[k].seats
		k++
	}
	for _, c := range order[k:] {
		c.seats = 0
	}
	return order[:k]
}

// fewestFor gives the fewest clusters with room for so many more: the best that
// suffices alone, else the roomiest.
func fewestFor(more int, cands []*candidate) []*candidate {
	if more <= 0 {
		return nil
	}
	if at := slices.IndexFunc(cands, func(c *candidate) bool { return c.limit-c.seats >= more }); at >= 0 {
		return cands[at : at+1 : at+1]
	}
	order := slices.Clone(cands)
	slices.SortStableFunc(order, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.limit-b.seats, a.limit-a.seats), better(a, b))
	})
	k := 0
	for ; k < len(order) && more > 0; k++ {
		more -= order[k].limit - order[k].seats
	}
	return order[:k]
}

func split(cands []*candidate, in func(*candidate) bool) (yes, no []*candidate) {
	for _, c := range cands {
		if in(c) {
			yes = append(yes, c)
		} else {
			no = append(no, c)
		}
	}
	return yes, no
}

func seatsOf(cands []*candidate) int  { return sumOf(cands, func(c *candidate) int { return c.seats }) }
func limitsOf(cands []*candidate) int { return sumOf(cands, func(c *candidate) int { return c.limit }) }
func floorsOf(cands []*candidate) int { return sumOf(cands, func(c *candidate) int { return c.floor }) }

// sumOf adds up, held at maxFit.
func sumOf(cands []*candidate, of func(*candidate) int) int {
	sum := 0
	for _, c := range cands {
		sum = min(maxFit, sum+of(c))
	}
	return sum
}
