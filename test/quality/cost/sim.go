package cost

import (
	"cmp"
	"container/heap"
	"math"
	"os"
	"slices"
	"strconv"
)

// policy says where a machine of a class goes.
type policy interface {
	choose(w *world, class int) int // cluster, or -1
	tick(w *world)                  // every planning period, and before the first arrival
}

// world is the fleet as it runs.
type world struct {
	*scenario
	now      int64
	free     [][]amount // per cluster, node
	used     []amount   // per cluster
	standing [][]int    // per class, cluster: machines
	waiting  []int      // requests, in order of arrival
	wanted   []int      // per class: standing and waiting
	lost     []int      // per class: waiting now

	out  outcome
	pick int
	mix  []part
}

// outcome is what a policy did, as integrals over the window.
type outcome struct {
	cost     float64     // nano-units
	placed   [][]float64 // per slice, class: machine-seconds
	demanded [][]float64
	never    int
	spent    []float64
}

const slice = day / 4

func simulate(s *scenario, p policy, period int64) *world {
	w := &world{pick: -1, scenario: s, used: make([]amount, len(s.sites)), wanted: make([]int, len(s.classes)), lost: make([]int, len(s.classes))}
	for _, c := range s.sites {
		nodes := make([]amount, c.nodes)
		for i := range nodes {
			nodes[i] = c.shape
		}
		w.free = append(w.free, nodes)
	}
	for range s.classes {
		w.standing = append(w.standing, make([]int, len(s.sites)))
	}
	for range s.horizon/slice + 1 {
		w.out.placed = append(w.out.placed, make([]float64, len(s.classes)))
		w.out.demanded = append(w.out.demanded, make([]float64, len(s.classes)))
	}
	w.run(p, period)
	return w
}

// departure is a machine that runs.
type departure struct {
	at      int64
	request int
	cluster int
	node    int
}

type departures []departure

func (d departures) Len() int { return len(d) }
func (d departures) Less(a, b int) bool {
	return d[a].at < d[b].at || d[a].at == d[b].at && d[a].request < d[b].request
}
func (d departures) Swap(a, b int) { d[a], d[b] = d[b], d[a] }
func (d *departures) Push(v any)   { *d = append(*d, v.(departure)) }
func (d *departures) Pop() any {
	old := *d
	v := old[len(old)-1]
	*d = old[:len(old)-1]
	return v
}

func (w *world) run(p policy, period int64) {
	var running departures
	next, plan := 0, int64(0)
	for next < len(w.requests) || len(running) > 0 {
		now := w.horizon
		if next < len(w.requests) {
			now = w.requests[next].from
		}
		if len(running) > 0 {
			now = min(now, running[0].at)
		}
		w.now = now
		freed := false
		for len(running) > 0 && running[0].at <= now {
			w.leave(heap.Pop(&running).(departure))
			freed = true
		}
		w.expire()
		first := len(w.waiting)
		for ; next < len(w.requests) && w.requests[next].from <= now; next++ {
			r := w.requests[next]
			w.waiting = append(w.waiting, next)
			w.wanted[r.class]++
			w.lost[r.class]++
			w.integrate(w.out.demanded, r.class, r.from, r.to)
		}
		if now >= plan {
			p.tick(w)
			plan = now + period
			freed = true
		}
		if freed {
			first = 0
		}
		w.place(p, first, &running)
	}
	w.out.never += len(w.waiting)
}

// expire drops waiting requests whose end has come.
func (w *world) expire() {
	kept := w.waiting[:0]
	for _, i := range w.waiting {
		if w.requests[i].to <= w.now {
			w.wanted[w.requests[i].class]--
			w.lost[w.requests[i].class]--
			w.out.never++
			continue
		}
		kept = append(kept, i)
	}
	w.waiting = kept
}

func (w *world) place(p policy, first int, running *departures) {
	failed := map[int]bool{}
	done := 0
	kept := w.waiting[:first]
	for _, i := range w.waiting[first:] {
		r := w.requests[i]
		if failed[r.class] {
			kept = append(kept, i)
			continue
		}
		c := p.choose(w, r.class)
		if c < 0 {
			failed[r.class] = true
			kept = append(kept, i)
			continue
		}
		w.lost[r.class]--
		heap.Push(running, w.enter(i, c))
		if done++; done%Chunk == 0 {
			p.tick(w)
		}
	}
	w.waiting = kept
}

func (w *world) enter(i, c int) departure {
	r := w.requests[i]
	need := w.classes[r.class].need
	n := w.pick
	if n < 0 {
		n = w.tightest(c, need)
	}
	w.pick = -1
	for k := range need {
		w.free[c][n][k] -= need[k]
		w.used[c][k] += need[k]
	}
	w.standing[r.class][c]++
	w.out.cost += float64(w.sites[c].rate(need)) * float64(r.to-w.now) / 3600
	w.integrate(w.out.placed, r.class, w.now, r.to)
	if w.out.spent == nil {
		w.out.spent = make([]float64, len(w.out.placed))
	}
	for f := w.now; f < r.to; {
		e := min(r.to, (f/slice+1)*slice)
		w.out.spent[f/slice] += float64(e-f) / 3600 * float64(w.sites[c].rate(need))
		f = e
	}
	return departure{at: r.to, request: i, cluster: c, node: n}
}

func (w *world) leave(d departure) {
	r := w.requests[d.request]
	need := w.classes[r.class].need
	for k := range need {
		w.free[d.cluster][d.node][k] += need[k]
		w.used[d.cluster][k] -= need[k]
	}
	w.standing[r.class][d.cluster]--
	w.wanted[r.class]--
}

// tightest is the node with the least left over, or -1 when none fits.
func (w *world) tightest(c int, need amount) int {
	best, least := -1, math.Inf(1)
	shape := w.sites[c].shape
	for n, f := range w.free[c] {
		if !need.fits(f) {
			continue
		}
		if left := w.nodeScore(f, need, shape); left < least {
			best, least = n, left
		}
	}
	return best
}

var Chunk, _ = strconv.Atoi(cmp.Or(os.Getenv("CHUNK"), "100000"))

var NodeRule = os.Getenv("NODE")

func (w *world) nodeScore(f, need, shape amount) float64 {
	a, b := float64(f[0]-need[0])/float64(shape[0]), float64(f[1]-need[1])/float64(shape[1])
	switch NodeRule {
	case "max":
		return max(a, b)
	case "sq":
		return a*a + b*b
	case "strand":
		return a + b + math.Abs(a-b)
	case "strand3":
		return a + b + 3*math.Abs(a-b)
	case "dstrand":
		a0, b0 := float64(f[0])/float64(shape[0]), float64(f[1])/float64(shape[1])
		return (math.Abs(a-b)-math.Abs(a0-b0))*1 + 0.5*(a+b)
	case "dstrand2":
		a0, b0 := float64(f[0])/float64(shape[0]), float64(f[1])/float64(shape[1])
		return (math.Abs(a-b)-math.Abs(a0-b0))*3 + 0.5*(a+b)
	case "mem":
		return b + 0.1*a
	case "fgd":
		return w.frag(amount{f[0] - need[0], f[1] - need[1]}, shape) - w.frag(f, shape) + 1e-3*(a+b)
	case "fgd2":
		return w.frag(amount{f[0] - need[0], f[1] - need[1]}, shape) - w.frag(f, shape) + 1e-1*(a+b)
	}
	return a + b
}

// frag is what of a node's free room an average machine cannot use.
func (w *world) frag(f, shape amount) float64 {
	if w.mix == nil {
		w.mixup()
	}
	out := 0.0
	for _, m := range w.mix {
		n := min(f[0]/m.need[0], f[1]/m.need[1])
		out += m.part * (float64(f[0]-n*m.need[0])/float64(shape[0]) + float64(f[1]-n*m.need[1])/float64(shape[1]))
	}
	return out
}

type part struct {
	need amount
	part float64
}

func (w *world) mixup() {
	sum := map[amount]float64{}
	all := 0.0
	for k, n := range w.wanted {
		v := float64(n) * w.worthOf(k)
		sum[w.classes[k].need] += v
		all += v
	}
	for n, v := range sum {
		w.mix = append(w.mix, part{n, v / all})
	}
	slices.SortFunc(w.mix, func(a, b part) int { return cmp.Compare(b.part, a.part) })
	w.mix = w.mix[:min(24, len(w.mix))]
}

// count is how many machines of a class fit on a cluster now.
func (w *world) count(c int, need amount) int64 {
	out := int64(0)
	for _, f := range w.free[c] {
		out += min(f[0]/need[0], f[1]/need[1])
	}
	return out
}

func (w *world) integrate(into [][]float64, class int, from, to int64) {
	for from < to {
		at := from / slice
		end := min(to, (at+1)*slice)
		into[at][class] += float64(end - from)
		from = end
	}
}
