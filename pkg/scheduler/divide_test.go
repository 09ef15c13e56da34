package scheduler

import (
	"fmt"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// TestWebster compares with the method as textbooks give it: one seat after another
// to the largest quotient.
func TestWebster(t *testing.T) {
	for _, c := range []struct {
		weights []int64
		n       int
		want    string
	}{
		{[]int64{1, 1}, 4, "[2 2]"},
		{[]int64{2, 1}, 3, "[2 1]"},
		{[]int64{53, 24, 23}, 7, "[3 2 2]"}, // the standard example: Hamilton and Webster differ
		{[]int64{1, 0}, 3, "[3 0]"},
		{[]int64{10, 10, 10}, 1, "[1 0 0]"}, // ties by name
	} {
		var cands []*candidate
		for i, w := range c.weights {
			cands = append(cands, &candidate{c: &cluster{id: event.ClusterID(fmt.Sprintf("c%d", i))}, limit: 100, weight: w})
		}
		out := divide(&event.Policy{Strategy: event.StrategyWeighted}, c.n, cands)
		if got := seatWords(cands); !out.ok || got != c.want {
			t.Errorf("%d over %v: %s (%v), want %s", c.n, c.weights, got, out.ok, c.want)
		}
	}
}

func seatWords(cands []*candidate) string {
	var out []int
	for _, c := range cands {
		out = append(out, c.seats)
	}
	return fmt.Sprint(out)
}

// TestDivision draws policies and clusters: a division keeps every bound, and there is
// none only where no set of clusters would do, as trying them all shows.
func TestDivision(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, cands, n := drawDivision(rt)
		out := divide(&p, n, cands)
		most := mostOf(&p, n, cands)
		if enough := most >= n || p.MinReplicas > 0 && most >= p.MinReplicas; out.ok != enough {
			rt.Fatalf("%d replicas over %s: %+v, but a choice of clusters holds %d\n%+v", n, candWords(cands), out, most, p)
		}
		if !out.ok {
			return
		}
		if out.placed != min(n, most) {
			rt.Fatalf("%d of %d replicas placed, %d would have a place\n%s\n%+v", out.placed, n, most, candWords(cands), p)
		}
		mustKeepBounds(rt, &p, out.placed, cands)
		mustBeSteady(rt, &p, out.placed, cands)
	})
}

func drawDivision(rt *rapid.T) (event.Policy, []*candidate, int) {
	p := event.Policy{
		Strategy: rapid.SampledFrom([]event.Strategy{event.StrategySpread, event.StrategyPack, event.StrategyWeighted, event.StrategyAvailable, event.StrategyDuplicate}).Draw(rt, "strategy"),
	}
	n := rapid.IntRange(0, 20).Draw(rt, "n")
	if rapid.Bool().Draw(rt, "bounded") {
		p.MaxClusters = rapid.IntRange(0, 3).Draw(rt, "max clusters")
		p.MinPerCluster = rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(rt, "share")
		for _, by := range rapid.SampledFrom([][]string{nil, {"zone"}, {"cluster"}, {"zone", "cluster"}, {"zone", "rack"}, {"rack", "cluster", "zone"}}).Draw(rt, "keys") {
			s := event.Spread{By: by, Min: rapid.IntRange(0, 3).Draw(rt, "min")}
			s.Max = rapid.SampledFrom([]int{0, s.Min, s.Min + 1}).Draw(rt, "max")
			p.Spread = append(p.Spread, s)
		}
		if !copies(&p) {
			p.MinReplicas = rapid.SampledFrom([]int{0, 0, min(n, 1), min(n, 5)}).Draw(rt, "least")
		}
	}
	for range rapid.SampledFrom([]int{0, 0, 2, 3}).Draw(rt, "tiers") {
		p.Tiers = append(p.Tiers, event.Tier{})
	}
	w := &event.WorkloadSubmitted{Replicas: n, Policy: p}
	if w.Contradiction() != nil {
		p.Spread, p.MaxClusters, p.MinPerCluster = nil, 0, 0
	}
	return p, drawCandidates(rt, &p), n
}

func drawCandidates(rt *rapid.T, p *event.Policy) []*candidate {
	var cands []*candidate
	for i := range rapid.IntRange(1, 6).Draw(rt, "clusters") {
		c := &candidate{c: &cluster{id: event.ClusterID(fmt.Sprintf("c%d", i))}, limit: rapid.IntRange(1, 9).Draw(rt, "limit"),
			weight: int64(rapid.IntRange(0, 5).Draw(rt, "weight")), score: int64(rapid.IntRange(0, 2).Draw(rt, "score"))}
		c.prev = rapid.IntRange(0, c.limit).Draw(rt, "prev")
		if len(p.Tiers) > 0 {
			c.tier = rapid.IntRange(0, len(p.Tiers)-1).Draw(rt, "tier")
		}
		for _, s := range p.Spread {
			group := string(c.c.id)
			if s.By != "cluster" {
				group = fmt.Sprint(rapid.IntRange(0, 3).Draw(rt, s.By))
			}
			c.groups = append(c.groups, group)
		}
		cands = append(cands, c)
	}
	return cands
}

// mostOf tries every set of clusters: the most replicas, at most n, that one holds
// which keeps the bounds; -1 if none does.
func mostOf(p *event.Policy, n int, cands []*candidate) int {
	best := -1
	for set := range 1 << len(cands) {
		var in []*candidate
		for i, c := range cands {
			if set>>i&1 == 1 {
				in = append(in, c)
			}
		}
		if room := holds(p, n, in); room > best && keepsBounds(p, in, n) {
			best = room
		}
	}
	return best
}

// holds is how many replicas clusters hold that all carry some, -1 if they cannot.
func holds(p *event.Policy, n int, in []*candidate) int {
	room, least := 0, max(1, p.MinPerCluster)
	for _, c := range in {
		switch {
		case copies(p) && c.limit < n,
			p.Strategy == event.StrategyWeighted && c.weight == 0,
			!copies(p) && c.limit < least:
			return -1
		}
		room += c.limit
	}
	if copies(p) {
		if len(in) == 0 && n > 0 {
			return -1
		}
		return n
	}
	if len(in)*least > n {
		return -1
	}
	return min(n, room)
}

func keepsBounds(p *event.Policy, in []*candidate, n int) bool {
	if n == 0 {
		return true // nobody is anywhere
	}
	if p.MaxClusters > 0 && len(in) > p.MaxClusters {
		return false
	}
	for i, s := range p.Spread {
		groups := map[string]bool{}
		for _, c := range in {
			groups[c.groups[i]] = true
		}
		if len(groups) < s.Min || s.Max > 0 && len(groups) > s.Max {
			return false
		}
	}
	return true
}

func mustKeepBounds(rt *rapid.T, p *event.Policy, n int, cands []*candidate) {
	sum := 0
	var in []*candidate
	for _, c := range cands {
		sum += c.seats
		if c.seats < 0 || c.seats > c.limit {
			rt.Fatalf("%s gets %d of at most %d", c.c.id, c.seats, c.limit)
		}
		if c.seats > 0 {
			in = append(in, c)
			if least := max(1, p.MinPerCluster); c.seats < least {
				rt.Fatalf("%s gets %d, at least %d\n%+v", c.c.id, c.seats, least, p)
			}
		}
		if copies(p) && c.seats != 0 && c.seats != n {
			rt.Fatalf("%s gets %d of %d", c.c.id, c.seats, n)
		}
	}
	if !copies(p) && sum != n {
		rt.Fatalf("%d replicas divided, %d wanted: %s\n%+v", sum, n, candWords(cands), p)
	}
	if !keepsBounds(p, in, n) {
		rt.Fatalf("%s breaks the bounds\n%+v", candWords(cands), p)
	}
}

// mustBeSteady: without bounds, nobody loses replicas while others are added, and
// nobody gains while others are taken. Weights are followed whatever stands.
func mustBeSteady(rt *rapid.T, p *event.Policy, n int, cands []*candidate) {
	if p.Strategy == event.StrategyWeighted || copies(p) || p.MaxClusters > 0 || p.MinPerCluster > 1 || len(p.Spread) > 0 {
		return
	}
	prev := 0
	for _, c := range cands {
		prev += c.prev
	}
	for _, c := range cands {
		if n >= prev && c.seats < c.prev {
			rt.Fatalf("%s loses replicas while others are added: %s\n%+v", c.c.id, candWords(cands), p)
		}
		if n <= prev && c.seats > c.prev {
			rt.Fatalf("%s gains replicas while others are taken: %s\n%+v", c.c.id, candWords(cands), p)
		}
	}
}

func candWords(cands []*candidate) string {
	var b strings.Builder
	for _, c := range cands {
		fmt.Fprintf(&b, "%s limit %d prev %d weight %d score %d tier %d groups %v gets %d; ", c.c.id, c.limit, c.prev, c.weight, c.score, c.tier, c.groups, c.seats)
	}
	return b.String()
}
