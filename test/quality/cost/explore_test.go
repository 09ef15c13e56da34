package cost

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestExplore(t *testing.T) {
	trace, horizon, err := readTrace("/work/shared/traces/azure/workloads_bernoulli_relevant-vm-1pcnt_0.csv")
	if err != nil {
		t.Fatal(err)
	}
	loads := []float64{0.7, 0.92}
	if os.Getenv("LOADS") == "all" {
		loads = []float64{0.3, 0.7, 0.92}
	}
	for _, load := range loads {
		s := newScenario(trace, horizon, load, 1)
		t.Logf("load %.2f classes %d requests %d", load, len(s.classes), len(s.requests))
		run := func(name string, p policy) {
			at := time.Now()
			w := simulate(s, p, Period)
			el := time.Since(at)
			low, _ := s.bound(w.out.placed)
			t.Logf("  %-14s cost/LP %.3f unplaced %.2f%% never %d   (%v, bound %v)", name, w.out.cost/low, 100*(1-s.worthSum(w.out.placed)/s.worthSum(w.out.demanded)), w.out.never, el, time.Since(at)-el)
			if os.Getenv("WHO") != "" {
				who(t, s, w)
			}
		}
		run("most", mostAvailable{})
		run("cheapest", &cheapest{})
		run("dual 3%", &steered{reserve: .03})
		run("quota 3%", &steered{reserve: .03, quota: true, tie: .1})
	}
}

func who(t *testing.T, s *scenario, w *world) {
	total := s.worthSum(w.out.demanded)
	type miss struct {
		k    int
		part float64
	}
	var all []miss
	size := map[int64]float64{}
	for k := range s.classes {
		v := 0.0
		for n := range w.out.demanded {
			v += (w.out.demanded[n][k] - w.out.placed[n][k]) / slice * s.worthOf(k)
		}
		all = append(all, miss{k, v / total * 100})
		g := s.classes[k].need[1] / 1024
		switch {
		case g >= 1000:
			g = 1000
		case g >= 500:
			g = 500
		case g >= 200:
			g = 200
		case g >= 100:
			g = 100
		default:
			g = 0
		}
		size[g] += v / total * 100
	}
	slices.SortFunc(all, func(a, b miss) int { return cmp.Compare(b.part, a.part) })
	for _, m := range all[:6] {
		t.Logf("      %v %d GiB allowed %032b %.2f%%", s.classes[m.k].need, s.classes[m.k].need[1]/1024, s.classes[m.k].allowed, m.part)
	}
	t.Log("      by size", size)
	for n := 0; n < len(w.out.demanded)-1; n += 8 {
		lo, _ := s.bound(w.out.placed[n : n+1])
		t.Logf("      ratio %.3f", w.out.spent[n]/lo)
		a, b := 0.0, 0.0
		for k := range s.classes {
			a += w.out.demanded[n][k] * s.worthOf(k)
			b += w.out.placed[n][k] * s.worthOf(k)
		}
		t.Logf("      slice %d unplaced %.2f%%", n, 100*(1-b/a))
	}
}

var Period, _ = strconv.ParseInt(os.Getenv("PERIOD"), 10, 64)

func TestFill(t *testing.T) {
	trace, horizon, err := readTrace("/work/shared/traces/azure/workloads_bernoulli_relevant-vm-1pcnt_0.csv")
	if err != nil {
		t.Fatal(err)
	}
	loads := []float64{0.3, 0.7, 0.92}
	if v, err := strconv.ParseFloat(os.Getenv("LOAD"), 64); err == nil {
		loads = []float64{v}
	}
	seed := uint64(1)
	if v, err := strconv.Atoi(os.Getenv("SEED")); err == nil {
		seed = uint64(v)
	}
	for _, load := range loads {
		s := newScenario(trace, horizon, load, seed)
		run := func(name string, p policy) {
			if only := os.Getenv("ONLY"); only != "" && !strings.Contains(name, only) {
				return
			}
			at := time.Now()
			w := simulate(s, p, Period)
			el := time.Since(at)
			if os.Getenv("WHO") != "" {
				who(t, s, w)
			}
			cost, low, n := 0.0, 0.0, 0
			for i := 0; i < len(w.out.spent)-1; i += 11 {
				b, _ := s.bound(w.out.placed[i : i+1])
				cost += w.out.spent[i]
				low += b
				n++
				if i == 0 || i == 44 {
					t.Logf("slice %d %.3f", i, w.out.spent[i]/b)
				}
			}
			t.Logf("  %.2f %-14s cost/LP %.3f unplaced %.2f%% never %d   (%v, bound %v)", load, name, cost/low, 100*(1-s.worthSum(w.out.placed)/s.worthSum(w.out.demanded)), w.out.never, el, time.Since(at)-el)
		}
		candidates(run)
	}
}
