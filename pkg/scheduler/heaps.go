package scheduler

import "cmp"

// byRank is a heap (container/heap) of workloads to be evaluated.
type byRank []*workload

func (h byRank) Len() int           { return len(h) }
func (h byRank) Less(i, j int) bool { return rank(h[i], h[j]) < 0 }
func (h byRank) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot.dirty, h[j].slot.dirty = i+1, j+1
}

// Push adds at the end.
func (h *byRank) Push(x any) {
	w := x.(*workload)
	*h = append(*h, w)
	w.slot.dirty = len(*h)
}

// Pop removes the end.
func (h *byRank) Pop() any {
	w := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	w.slot.dirty = 0
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
	h[i].slot.waiting, h[j].slot.waiting = i+1, j+1
}

// Push adds at the end.
func (h *byTime) Push(x any) {
	w := x.(*workload)
	*h = append(*h, w)
	w.slot.waiting = len(*h)
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
	h[i].slot.evictee, h[j].slot.evictee = i+1, j+1
}

// Push adds at the end.
func (h *byTurn) Push(x any) {
	w := x.(*workload)
	*h = append(*h, w)
	w.slot.evictee = len(*h)
}

// Pop removes the end.
func (h *byTurn) Pop() any {
	w := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	w.slot.evictee = 0
	return w
}
