package scheduler

import (
	"cmp"
	"container/heap"
)

// lot is one cluster's part in handing out seats.
type lot struct {
	cand   *candidate
	base   int // seats it has beside those handed out here
	seats  int // handed out so far
	least  int // bounds of those
	most   int
	weight int64
}

// lotsOf are lots that begin with the clusters' seats.
func lotsOf(cands []*candidate) []lot {
	lots := make([]lot, len(cands))
	for i, c := range cands {
		lots[i] = lot{cand: c, seats: c.seats, least: c.floor, most: c.limit, weight: 1}
	}
	return lots
}

// award hands out or takes back one seat after another in the order of first, until
// the lots have n together or none is open, and writes down the clusters' seats.
func award(n int, lots []lot, first order) {
	have := 0
	for i := range lots {
		have += lots[i].seats
	}
	h := &seatHeap{first: first, giving: have < n}
	for i := range lots {
		h.push(&lots[i])
	}
	heap.Init(h)
	for ; have < n && h.Len() > 0; have++ {
		h.lots[0].seats++
		h.settle()
	}
	for ; have > n && h.Len() > 0; have-- {
		h.lots[0].seats--
		h.settle()
	}
	for i := range lots {
		lots[i].cand.seats = lots[i].base + lots[i].seats
	}
}

// order says whether a gets the next seat (or, when taking, keeps it) before b.
type order func(a, b *lot, giving bool) int

// websterFirst is the method of Webster (Sainte-Laguë): the next seat goes to the
// largest weight/(2·seats+1); of equal ones to who has fewer. Compared by cross
// multiplication, so that no fraction is rounded.
func websterFirst(a, b *lot, giving bool) int {
	sa, sb := int64(a.seats), int64(b.seats)
	if !giving { // the last seat of each, not the next one
		sa, sb = sa-1, sb-1
	}
	return cmp.Or(cmp.Compare(b.weight*(2*sa+1), a.weight*(2*sb+1)), cmp.Compare(sa, sb))
}

// emptiestFirst evens replicas out.
func emptiestFirst(a, b *lot, _ bool) int { return cmp.Compare(a.seats, b.seats) }

// unmoved prefers, where all else is equal, what leaves replicas where they are.
func unmoved(a, b *lot) int {
	return cmp.Or(cmp.Compare(b.stays(), a.stays()), cmp.Compare(min(b.cand.prev, 1), min(a.cand.prev, 1)))
}

// stays is 1 while the lot has fewer seats than the cluster has replicas.
func (l *lot) stays() int {
	if l.base+l.seats < l.cand.prev {
		return 1
	}
	return 0
}

// seatHeap has the lot on top that gets (or gives up) the next seat.
type seatHeap struct {
	lots   []*lot
	first  order
	giving bool
}

func (h *seatHeap) push(l *lot) {
	if h.open(l) {
		h.lots = append(h.lots, l)
	}
}

func (h *seatHeap) open(l *lot) bool {
	if h.giving {
		return l.seats < l.most && l.weight > 0
	}
	return l.seats > l.least
}

// settle restores the order after the top changed.
func (h *seatHeap) settle() {
	if h.open(h.lots[0]) {
		heap.Fix(h, 0)
		return
	}
	heap.Pop(h)
}

func (h *seatHeap) Len() int { return len(h.lots) }

func (h *seatHeap) Less(i, j int) bool {
	a, b := h.lots[i], h.lots[j]
	if h.giving {
		return cmp.Or(h.first(a, b, true), unmoved(a, b), better(a.cand, b.cand)) < 0
	}
	return cmp.Or(h.first(b, a, false), unmoved(b, a), better(b.cand, a.cand)) < 0
}

func (h *seatHeap) Swap(i, j int) { h.lots[i], h.lots[j] = h.lots[j], h.lots[i] }

// Push adds at the end.
func (h *seatHeap) Push(x any) { h.lots = append(h.lots, x.(*lot)) }

// Pop removes the last; container/heap has moved the top there.
func (h *seatHeap) Pop() any {
	l := h.lots[len(h.lots)-1]
	h.lots = h.lots[:len(h.lots)-1]
	return l
}
