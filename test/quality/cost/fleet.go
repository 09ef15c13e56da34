package cost

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// amount is CPU in milli-cores and memory in MiB.
type amount [2]int64

func (a amount) fits(b amount) bool { return a[0] <= b[0] && a[1] <= b[1] }

// class is a set of machines that are alike: same size, same clusters allowed.
type class struct {
	need    amount
	kind    int    // as in the trace
	zone    int    // where it must stay, or -1
	allowed uint32 // bit per cluster: region, type, and a node large enough
}

// site is one cluster of the fleet.
type site struct {
	name  string
	shape amount // of each of its nodes
	nodes int
	price amount // nano-units per milli-core-hour and per GiB-hour
	zone  int
	typed bool // takes machines of kind 1
}

// rate is what one machine of a class costs an hour there.
func (s *site) rate(need amount) int64 { return need[0]*s.price[0] + need[1]*s.price[1]/1024 }

func (s *site) total() amount {
	return amount{s.shape[0] * int64(s.nodes), s.shape[1] * int64(s.nodes)}
}

// request is one machine of the trace as its class.
type request struct {
	class    int
	from, to int64
}

// scenario is one input of every policy and of the bound.
type scenario struct {
	sites    []site
	classes  []class
	requests []request
	horizon  int64
}

const clusters = 32

var shapes = []amount{{192_000, 1536 << 10}, {224_000, 3072 << 10}, {224_000, 6144 << 10}, {448_000, 8192 << 10}}

// levels are the providers: relative price of CPU and of memory in percent.
var levels = [][2]int64{{45, 52}, {85, 70}, {105, 120}, {165, 140}}

var zoneLevel = []int64{92, 100, 118}

// zoneShare is how many percent of the tenants must stay in each zone.
var zoneShare = []int{25, 20, 8}

func newScenario(trace []machine, horizon int64, load float64, seed uint64) *scenario {
	rng := rand.New(rand.NewPCG(seed, 5))
	s := &scenario{horizon: horizon}
	weight := s.addSites(rng)
	s.addNodes(trace, weight, load)
	s.addRequests(trace, seed)
	return s
}

func (s *scenario) addSites(rng *rand.Rand) (weight []int64) {
	for i := range clusters {
		zone, level := i%3, i/3%4
		jitter := func(v int64) int64 { return v * (90 + rng.Int64N(21)) / 100 }
		cpu := jitter(300 * levels[level][0] * zoneLevel[zone]) // 0.03 per core-hour at level 100
		mem := jitter(40 * levels[level][1] * zoneLevel[zone])  // 0.004 per GiB-hour
		s.sites = append(s.sites, site{
			name: fmt.Sprintf("z%d-p%d-%02d", zone, level, i), zone: zone, typed: i/3%3 == 0,
			price: amount{cpu / 100, mem * 10},
		})
		weight = append(weight, 1+rng.Int64N(3))
	}
	for zone := range 3 {
		var order []int
		for i := zone; i < clusters; i += 3 {
			order = append(order, i)
		}
		rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for n, i := range order {
			s.sites[i].shape = shapes[n%len(shapes)]
		}
	}
	return weight
}

// addNodes gives the fleet just as many nodes that the busiest slice asks for load
// times the capacity, in the scarcer resource.
func (s *scenario) addNodes(trace []machine, weight []int64, load float64) {
	peak := busiest(trace, s.horizon)
	for size := int64(64 << 20); ; size += size / 200 {
		var all amount
		for i := range s.sites {
			c := &s.sites[i]
			c.nodes = int(max(1, weight[i]*size/(64*c.shape[1])))
			all[0] += c.total()[0]
			all[1] += c.total()[1]
		}
		if float64(all[0])*load >= peak[0] && float64(all[1])*load >= peak[1] {
			return
		}
	}
}

// busiest is the highest mean demand of a slice, in each resource.
func busiest(trace []machine, horizon int64) (peak [2]float64) {
	sum := make([][2]float64, horizon/slice+1)
	for _, m := range trace {
		spread(m.from, m.to, func(at int, seconds int64) {
			sum[at][0] += float64(m.cpuMilli) * float64(seconds) / slice
			sum[at][1] += float64(m.memMiB) * float64(seconds) / slice
		})
	}
	for _, v := range sum {
		peak[0], peak[1] = max(peak[0], v[0]), max(peak[1], v[1])
	}
	return peak
}

// spread cuts a span of time into its slices.
func spread(from, to int64, add func(at int, seconds int64)) {
	for from < to {
		at := from / slice
		end := min(to, (at+1)*slice)
		add(int(at), end-from)
		from = end
	}
}

func (s *scenario) addRequests(trace []machine, seed uint64) {
	type key struct {
		need amount
		kind int
		zone int
	}
	index := map[key]int{}
	for _, m := range trace {
		k := key{amount{m.cpuMilli, m.memMiB}, m.kind, zoneOf(m.tenant, seed)}
		at, ok := index[k]
		if !ok {
			at = len(s.classes)
			index[k] = at
			s.classes = append(s.classes, class{need: k.need, kind: k.kind, zone: k.zone, allowed: s.allowed(k.need, k.kind, k.zone)})
		}
		s.requests = append(s.requests, request{class: at, from: m.from, to: m.to})
	}
}

// zoneOf draws the zone a tenant must stay in, or -1, from its number.
func zoneOf(tenant int64, seed uint64) int {
	h := (uint64(tenant)*0x9E3779B97F4A7C15 ^ seed*0xD1B54A32D192ED03)
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	at := int(h >> 33 % 100)
	for z, share := range zoneShare {
		if at -= share; at < 0 {
			return z
		}
	}
	return -1
}

func (s *scenario) allowed(need amount, kind, zone int) (mask uint32) {
	for i, c := range s.sites {
		if need.fits(c.shape) && (kind == 0 || c.typed) && (zone < 0 || c.zone == zone) {
			mask |= 1 << i
		}
	}
	return mask
}

// byRate lists the clusters of a class, cheapest first.
func (s *scenario) byRate(cl *class) []int {
	var out []int
	for i := range s.sites {
		if cl.allowed>>i&1 == 1 {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		return cmp.Compare(s.sites[a].rate(cl.need), s.sites[b].rate(cl.need))
	})
	return out
}
