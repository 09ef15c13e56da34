package cost

import (
	"math/rand/v2"
	"testing"
)

// small is a trace of a few hundred machines over two days.
func small(seed uint64) (out []machine, horizon int64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	horizon = 2 * day
	for i := range int64(400) {
		from := max(0, rng.Int64N(2*horizon)-horizon)
		size := int64(1) << rng.IntN(6)
		out = append(out, machine{
			tenant: i % 37, cpuMilli: 1000 * size, memMiB: size << (12 + rng.IntN(3)), kind: rng.IntN(8) / 7,
			from: from, to: min(horizon, from+1+rng.Int64N(horizon)),
		})
	}
	return byStart(out), horizon
}

// What a policy places costs at least the bound and is at most what was asked for, and
// in the end every node is free again.
func TestPoliciesKeepTheBooks(t *testing.T) {
	for seed := range uint64(3) {
		trace, horizon := small(seed)
		s := newScenario(trace, horizon, 0.9, seed)
		for name, p := range map[string]policy{
			"most available": mostAvailable{}, "cheapest": &cheapest{}, "fittest": &fittest{}, "ours": &planned{},
		} {
			w := simulate(s, p)
			if low := s.bound(w.out.placed); w.out.cost < low*0.999999 || low <= 0 {
				t.Errorf("seed %d, %s: costs %g, less than the bound %g", seed, name, w.out.cost, low)
			}
			for k := range s.classes {
				for at := range w.out.placed {
					if w.out.placed[at][k] > w.out.demanded[at][k] {
						t.Fatalf("seed %d, %s: class %d has more than it asked for", seed, name, k)
					}
				}
			}
			for c := range w.free {
				for _, f := range w.free[c] {
					if f != s.sites[c].shape {
						t.Fatalf("seed %d, %s: %s has a node with %v free at the end", seed, name, s.sites[c].name, f)
					}
				}
			}
		}
	}
}

// The core follows its plans as the simulated policy does.
func TestTheCoreAgrees(t *testing.T) {
	trace, horizon := small(1)
	s := newScenario(trace, horizon, 0.9, 1)
	simulated, real := simulate(s, &planned{}).out, newCore(s).run()
	a, b := simulated.cost/s.bound(simulated.placed), real.cost/s.bound(real.placed)
	if a/b > 1.05 || b/a > 1.05 {
		t.Errorf("cost over the bound: simulated %.3f, in the core %.3f", a, b)
	}
	if x, y := s.worthSum(simulated.placed), s.worthSum(real.placed); y < 0.98*x {
		t.Errorf("the core placed %.4f of what the simulated policy did", y/x)
	}
}

// The bound is below what any policy pays and grows with the demand.
func TestTheBoundGrowsWithDemand(t *testing.T) {
	trace, horizon := small(2)
	s := newScenario(trace, horizon, 0.5, 2)
	demanded := simulate(s, &cheapest{}).out.demanded
	whole := s.bound(demanded)
	for _, slice := range demanded {
		for k := range slice {
			slice[k] /= 2
		}
	}
	if half := s.bound(demanded); half > whole/2*1.000001 || half <= 0 {
		t.Errorf("half the demand is bounded by %g, all of it by %g: cheap room should go further", half, whole)
	}
}
