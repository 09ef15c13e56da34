package main

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// What grows is told from what swings, warms up or jumps for a moment.
func TestJudge(t *testing.T) {
	const mib = 1 << 20
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	over := func(f func(minute float64) float64) series {
		s := series{name: "heap", bytes: true}
		for i := range 60 * 12 {
			at := time.Duration(i) * 5 * time.Second
			s.points = append(s.points, point{at, f(at.Minutes())})
		}
		return s
	}
	saw := func(m float64) float64 { return 40*mib + 40*mib*math.Mod(m*1.7, 1) + 2*mib*r.Float64() }
	for name, c := range map[string]struct {
		s    series
		flat bool
	}{
		"a sawtooth":                    {over(saw), true},
		"a plateau after warming up":    {over(func(m float64) float64 { return saw(m) - 30*mib*math.Exp(-m/4) }), true},
		"an outlier":                    {over(func(m float64) float64 { return saw(m) + 500*mib*b2f(int(m) == 45) }), true},
		"what shrinks":                  {over(func(m float64) float64 { return saw(m) - m*mib/4 }), true},
		"a leak of half a MiB a minute": {over(func(m float64) float64 { return saw(m) + m*mib/2 }), false},
		"a leak that begins late":       {over(func(m float64) float64 { return saw(m) + max(0, m-30)*mib }), false},
		"steps":                         {over(func(m float64) float64 { return saw(m) + 5*mib*math.Floor(m/10) }), false},
	} {
		if v := c.s.judge(4 * mib); !v.judged || v.flat != c.flat {
			t.Errorf("%s: %s, grows by %s over the judged time", name, v.word(), v.amount(v.growth))
		}
	}
	if v := (series{points: []point{{0, 1}, {time.Minute, 2}}}).judge(0); v.judged {
		t.Error("two samples were judged")
	}
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
