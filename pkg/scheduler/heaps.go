package scheduler

import "cmp"

// Heaps for container/heap. Each notes the place of what it holds, so that it can be
// fixed or taken out.

// heapPlace is an index in a heap, plus one; 0 is in none.
type heapPlace int32

func heaped(index int) heapPlace { return heapPlace(index + 1) }

func (p heapPlace) taken() bool { return p > 0 }

func (p heapPlace) index() int { return int(p) - 1 }

// byLevel is a heap of the workloads of one account that are to be evaluated.
type byLevel []*workload

func (h byLevel) Len() int           { return len(h) }
func (h byLevel) Less(i, j int) bool { return turn(h[i], h[j]) < 0 }
func (h byLevel) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot.dirty, h[j].slot.dirty = heaped(i), heaped(j)
}

// Push adds at the end.
func (h *byLevel) Push(x any) {
	w := x.(*workload)
	*h = append(*h, w)
	w.slot.dirty = heaped(len(*h) - 1)
}

// Pop removes the end.
func (h *byLevel) Pop() any {
	w := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	w.slot.dirty = 0
	return w
}

// byShare is a heap of the accounts of one group that have workloads to be evaluated.
type byShare []*account

func (h byShare) Len() int           { return len(h) }
func (h byShare) Less(i, j int) bool { return h[i].before(h[j]) }
func (h byShare) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

// Push adds at the end.
func (h *byShare) Push(x any) {
	a := x.(*account)
	*h = append(*h, a)
	a.place = len(*h)
}

// Pop removes the end.
func (h *byShare) Pop() any {
	a := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	a.place = 0
	return a
}

// byWait is a heap of the members of a lack.
type byWait []*workload

func (h byWait) Len() int           { return len(h) }
func (h byWait) Less(i, j int) bool { return turn(h[i], h[j]) < 0 }
func (h byWait) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot.member, h[j].slot.member = heaped(i), heaped(j)
}

// Push adds at the end.
func (h *byWait) Push(x any) {
	w := x.(*workload)
	*h = append(*h, w)
	w.slot.member = heaped(len(*h) - 1)
}

// Pop removes the end.
func (h *byWait) Pop() any {
	w := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	w.slot.member = 0
	return w
}

// byTime is a heap of workloads that wait for their time.
type byTime []*workload

func (h byTime) Len() int { return len(h) }
func (h byTime) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].slot.due, h[j].slot.due), rank(h[i], h[j])) < 0
}
func (h byTime) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot.waiting, h[j].slot.waiting = heaped(i), heaped(j)
}

// Push adds at the end.
func (h *byTime) Push(x any) {
	w := x.(*workload)
	*h = append(*h, w)
	w.slot.waiting = heaped(len(*h) - 1)
}

// Pop removes the end.
func (h *byTime) Pop() any {
	w := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	w.slot.waiting = 0
	return w
}

// byTurn is a heap of workloads that wait for their turn to leave a cluster.
type byTurn []*workload

func (h byTurn) Len() int           { return len(h) }
func (h byTurn) Less(i, j int) bool { return rank(h[i], h[j]) < 0 }
func (h byTurn) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot.evictee, h[j].slot.evictee = heaped(i), heaped(j)
}

// Push adds at the end.
func (h *byTurn) Push(x any) {
	w := x.(*workload)
	*h = append(*h, w)
	w.slot.evictee = heaped(len(*h) - 1)
}

// Pop removes the end.
func (h *byTurn) Pop() any {
	w := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	w.slot.evictee = 0
	return w
}
