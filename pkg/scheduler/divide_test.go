package scheduler

import (
	"fmt"
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
		ok := divide(event.Policy{Strategy: event.StrategyWeighted}, c.n, cands)
		if got := seatsOf(cands); !ok || got != c.want {
			t.Errorf("%d over %v: %s (%v), want %s", c.n, c.weights, got, ok, c.want)
		}
	}
}

func seatsOf(cands []*candidate) string {
	var out []int
	for _, c := range cands {
		out = append(out, c.seats)
	}
	return fmt.Sprint(out)
}

func TestDivision(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := event.Policy{
			Strategy:    rapid.SampledFrom([]event.Strategy{event.StrategySpread, event.StrategyPack, event.StrategyWeighted, event.StrategyAvailable}).Draw(rt, "strategy"),
			MaxClusters: rapid.IntRange(0, 3).Draw(rt, "max clusters"),
		}
		var cands []*candidate
		room, prev := 0, 0
		for i := range rapid.IntRange(1, 6).Draw(rt, "clusters") {
			c := &candidate{c: &cluster{id: event.ClusterID(fmt.Sprintf("c%d", i))}, limit: rapid.IntRange(1, 9).Draw(rt, "limit"), weight: int64(rapid.IntRange(1, 5).Draw(rt, "weight")), score: int64(rapid.IntRange(0, 2).Draw(rt, "score"))}
			c.prev = rapid.IntRange(0, c.limit).Draw(rt, "prev")
			room, prev = room+c.limit, prev+c.prev
			cands = append(cands, c)
		}
		n := rapid.IntRange(0, 30).Draw(rt, "n")
		ok := divide(p, n, cands)
		if !ok {
			if p.MaxClusters == 0 && room >= n {
				rt.Fatalf("%d replicas were not divided over room for %d", n, room)
			}
			return
		}
		mustBeFair(rt, p, n, prev, cands)
	})
}

func mustBeFair(rt *rapid.T, p event.Policy, n, prev int, cands []*candidate) {
	sum, used := 0, 0
	for _, c := range cands {
		sum += c.seats
		used += min(1, c.seats)
		if c.seats < 0 || c.seats > c.limit {
			rt.Fatalf("%s gets %d of at most %d", c.c.id, c.seats, c.limit)
		}
		if p.MaxClusters == 0 && n >= prev && c.seats < c.prev {
			rt.Fatalf("%s loses replicas while others are added", c.c.id)
		}
		if p.MaxClusters == 0 && n <= prev && c.seats > c.prev {
			rt.Fatalf("%s gains replicas while others are taken", c.c.id)
		}
	}
	if sum != n {
		rt.Fatalf("%d replicas divided, %d wanted", sum, n)
	}
	if p.MaxClusters > 0 && used > p.MaxClusters {
		rt.Fatalf("%d clusters used, at most %d allowed", used, p.MaxClusters)
	}
}
