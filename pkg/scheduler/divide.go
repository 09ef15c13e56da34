package scheduler

import (
	"cmp"
	"container/heap"
	"slices"

	"fairlead.dev/pkg/event"
)

// candidate is a cluster that may carry replicas.
type candidate struct {
	c      *cluster
	limit  int   // most replicas in all
	prev   int   // replicas it has and may keep
	weight int64 // share, for the strategies that use one
	score  int64 // millionths, higher is better
	seats  int   // the result
}

// divide sets seats so that they add up to n (or n each for duplicate) and says
// whether it could. Replicas stay where they are as far as the strategy allows.
func divide(p event.Policy, n int, cands []*candidate) bool {
	slices.SortStableFunc(cands, better)
	if p.Strategy == event.StrategyDuplicate {
		return duplicate(n, cands)
	}
	cands = narrow(p.MaxClusters, n, cands)
	total := 0
	for _, c := range cands {
		c.seats = min(c.prev, c.limit)
		total = min(maxFit, total+c.limit)
	}
	if total < n {
		return false
	}
	switch p.Strategy {
	case event.StrategyPack:
		pack(n, cands)
	case event.StrategyWeighted, event.StrategyAvailable:
		return award(n, cands, websterFirst)
	default:
		return award(n, cands, emptiestFirst)
	}
	return true
}

// better orders candidates by score, then name: a total order.
func better(a, b *candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.c.id, b.c.id))
}

// duplicate gives all replicas to every cluster that has room for all of them.
func duplicate(n int, cands []*candidate) bool {
	any := false
	for _, c := range cands {
		if c.limit >= n {
			c.seats, any = n, true
		}
	}
	return any || n == 0
}

// narrow keeps at most k candidates: those with replicas first, then the best; if
// they cannot hold n together, the roomiest.
func narrow(k, n int, cands []*candidate) []*candidate {
	if k == 0 || len(cands) <= k {
		return cands
	}
	kept := slices.Clone(cands)
	slices.SortStableFunc(kept, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(min(b.prev, 1), min(a.prev, 1)), better(a, b))
	})
	room := 0
	for _, c := range kept[:k] {
		room = min(maxFit, room+c.limit)
	}
	if room < n {
		slices.SortStableFunc(kept, func(a, b *candidate) int { return cmp.Or(cmp.Compare(b.limit, a.limit), better(a, b)) })
	}
	return kept[:k]
}

// pack fills clusters in order of score, those with replicas first, and empties
// them from the worst.
func pack(n int, cands []*candidate) {
	left := n
	for _, c := range cands {
		left -= c.seats
	}
	order := slices.Clone(cands)
	slices.SortStableFunc(order, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(min(b.seats, 1), min(a.seats, 1)), better(a, b))
	})
	for _, c := range order {
		if left <= 0 {
			break
		}
		more := min(left, c.limit-c.seats)
		c.seats += more
		left -= more
	}
	for _, c := range slices.Backward(order) {
		if left >= 0 {
			break
		}
		fewer := min(-left, c.seats)
		c.seats -= fewer
		left += fewer
	}
}

// award hands out or takes back one seat after another in the order of first,
// beginning with the seats that are kept. It is false if no candidate with a
// positive weight has room.
func award(n int, cands []*candidate, first order) bool {
	have := 0
	for _, c := range cands {
		have += c.seats
	}
	h := &seatHeap{first: first, giving: have < n}
	for _, c := range cands {
		h.push(c)
	}
	heap.Init(h)
	for ; have < n && h.Len() > 0; have++ {
		h.cands[0].seats++
		h.settle()
	}
	for ; have > n && h.Len() > 0; have-- {
		h.cands[0].seats--
		h.settle()
	}
	return have == n
}

// order says whether a gets the next seat (or, when taking, keeps it) before b.
type order func(a, b *candidate, giving bool) int

// websterFirst is the method of Webster (Sainte-Laguë): the next seat goes to the
// largest weight/(2·seats+1). Compared by cross multiplication, so that no fraction
// is rounded.
func websterFirst(a, b *candidate, giving bool) int {
	sa, sb := int64(a.seats), int64(b.seats)
	if !giving { // the last seat of each, not the next one
		sa, sb = sa-1, sb-1
	}
	return cmp.Compare(b.weight*(2*sa+1), a.weight*(2*sb+1))
}

// emptiestFirst evens replicas out.
func emptiestFirst(a, b *candidate, _ bool) int { return cmp.Compare(a.seats, b.seats) }

// seatHeap has the candidate on top that gets (or gives up) the next seat.
type seatHeap struct {
	cands  []*candidate
	first  order
	giving bool
}

func (h *seatHeap) push(c *candidate) {
	if h.open(c) {
		h.cands = append(h.cands, c)
	}
}

func (h *seatHeap) open(c *candidate) bool {
	if h.giving {
		return c.seats < c.limit && c.weight > 0
	}
	return c.seats > 0
}

// settle restores the order after the top changed.
func (h *seatHeap) settle() {
	if h.open(h.cands[0]) {
		heap.Fix(h, 0)
		return
	}
	heap.Pop(h)
}

func (h *seatHeap) Len() int { return len(h.cands) }

func (h *seatHeap) Less(i, j int) bool {
	a, b := h.cands[i], h.cands[j]
	if h.giving {
		return cmp.Or(h.first(a, b, true), cmp.Compare(min(b.prev, 1), min(a.prev, 1)), better(a, b)) < 0
	}
	return cmp.Or(h.first(b, a, false), cmp.Compare(min(a.prev, 1), min(b.prev, 1)), better(b, a)) < 0
}

func (h *seatHeap) Swap(i, j int) { h.cands[i], h.cands[j] = h.cands[j], h.cands[i] }
func (h *seatHeap) Push(x any)    { h.cands = append(h.cands, x.(*candidate)) }

// Pop removes the last; container/heap has moved the top there.
func (h *seatHeap) Pop() any {
	c := h.cands[len(h.cands)-1]
	h.cands = h.cands[:len(h.cands)-1]
	return c
}
