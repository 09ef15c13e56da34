package cost

import "container/heap"

const (
	// period is how long a plan serves where little arrives, in seconds.
	period = day / 4
	// rethink is after how many placements at one moment a new one is made.
	rethink = 700
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

	out outcome
}

// outcome is what a policy did, as integrals over the window.
type outcome struct {
	cost     float64     // nano-units
	placed   [][]float64 // per slice, class: machine-seconds
	demanded [][]float64
	never    int
}

const slice = day / 4

func newOutcome(s *scenario) (out outcome) {
	for range s.horizon/slice + 1 {
		out.placed = append(out.placed, make([]float64, len(s.classes)))
		out.demanded = append(out.demanded, make([]float64, len(s.classes)))
	}
	return out
}

func simulate(s *scenario, p policy) *world {
	w := &world{scenario: s, used: make([]amount, len(s.sites)), wanted: make([]int, len(s.classes)), lost: make([]int, len(s.classes))}
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
	w.out = newOutcome(s)
	w.run(p)
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

func (d *departures) add(one departure) { heap.Push(d, one) }
func (d *departures) next() departure   { return heap.Pop(d).(departure) }

// soonest is when something happens next: an arrival or a departure.
func (d departures) soonest(requests []request, next int, horizon int64) int64 {
	now := horizon
	if next < len(requests) {
		now = requests[next].from
	}
	if len(d) > 0 {
		now = min(now, d[0].at)
	}
	return now
}

func (w *world) run(p policy) {
	var running departures
	next, plan := 0, int64(0)
	for next < len(w.requests) || len(running) > 0 {
		now := running.soonest(w.requests, next, w.horizon)
		w.now = now
		freed := false
		for len(running) > 0 && running[0].at <= now {
			w.leave(running.next())
			freed = true
		}
		w.expire()
		first := len(w.waiting)
		for ; next < len(w.requests) && w.requests[next].from <= now; next++ {
			r := w.requests[next]
			w.waiting = append(w.waiting, next)
			w.wanted[r.class]++
			w.lost[r.class]++
			integrate(w.out.demanded, r.class, r.from, r.to)
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
		running.add(w.enter(i, c))
		if done++; done%rethink == 0 {
			p.tick(w)
		}
	}
	w.waiting = kept
}

func (w *world) enter(i, c int) departure {
	r := w.requests[i]
	need := w.classes[r.class].need
	n := w.tightest(c, need)
	for k := range need {
		w.free[c][n][k] -= need[k]
		w.used[c][k] += need[k]
	}
	w.standing[r.class][c]++
	w.out.cost += float64(w.sites[c].rate(need)) * float64(r.to-w.now) / 3600
	integrate(w.out.placed, r.class, w.now, r.to)
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
	best, least := -1, int64(1)<<62
	shape := w.sites[c].shape
	for n, f := range w.free[c] {
		if !need.fits(f) {
			continue
		}
		if left := (f[0]-need[0])*1_000_000/shape[0] + (f[1]-need[1])*1_000_000/shape[1]; left < least {
			best, least = n, left
		}
	}
	return best
}

// count is how many machines of a class fit on a cluster now.
func (w *world) count(c int, need amount) int64 {
	out := int64(0)
	for _, f := range w.free[c] {
		out += min(f[0]/need[0], f[1]/need[1])
	}
	return out
}

func integrate(into [][]float64, class int, from, to int64) {
	spread(from, to, func(at int, seconds int64) { into[at][class] += float64(seconds) })
}
