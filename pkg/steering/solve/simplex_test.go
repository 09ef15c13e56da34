package solve

import (
	"math"
	"math/rand/v2"
	"testing"
)

func randomProblem(rng *rand.Rand, classes, groups, res int, load float64) *Problem {
	p := &Problem{}
	total := make([]float64, res)
	for range classes {
		p.Demand = append(p.Demand, float64(1+rng.IntN(100)))
		p.Refuse = append(p.Refuse, 0)
		var use []float64
		for r := range res {
			u := float64(1+rng.IntN(64)) * math.Pow(1000, float64(r))
			use = append(use, u)
			total[r] += u * p.Demand[len(p.Demand)-1]
		}
		if rng.IntN(2) == 0 { // of each group something else
			for range (groups - 1) * res {
				use = append(use, use[len(use)-res]*(0.8+0.4*rng.Float64()))
			}
		}
		p.Use = append(p.Use, use)
	}
	var price [][]float64
	for range groups {
		var c, pr []float64
		for r := range res {
			c = append(c, total[r]/load/float64(groups)*(0.5+rng.Float64()))
			pr = append(pr, (0.5+rng.Float64())/math.Pow(1000, float64(r)))
		}
		p.Capacity = append(p.Capacity, c)
		price = append(price, pr)
	}
	for k := range classes {
		cost := make([]float64, groups)
		for g := range cost {
			for r := range res {
				cost[g] += price[g][r] * p.Use[k][r]
			}
			if rng.IntN(3) == 0 {
				cost[g] = Barred
			} else {
				p.Refuse[k] = math.Max(p.Refuse[k], cost[g]*10)
			}
		}
		p.Cost = append(p.Cost, cost)
	}
	return p
}

// dualValue is a lower bound on the value of any solution, from duals alone.
func dualValue(p *Problem, dual [][]float64) float64 {
	out := 0.0
	for g, c := range p.Capacity {
		for r, v := range c {
			out -= v * dual[g][r]
		}
	}
	for k, d := range p.Demand {
		best := p.Refuse[k]
		for g := range p.Capacity {
			v := p.Cost[k][g]
			for r := range p.Capacity[g] {
				v += useAt(p, k, g, r) * dual[g][r]
			}
			best = math.Min(best, v)
		}
		out += d * best
	}
	return out
}

func useAt(p *Problem, k, g, r int) float64 {
	return p.Use[k][(g*len(p.Capacity[g])+r)%len(p.Use[k])]
}

func TestStrongDuality(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := randomProblem(rng, 1+rng.IntN(80), 1+rng.IntN(20), 1+rng.IntN(3), 0.3+rng.Float64())
		got := Minimize(p, 100000)
		low := dualValue(p, got.Dual)
		if !got.Optimal || math.Abs(got.Value-low) > 1e-5*math.Abs(low) {
			t.Fatalf("seed %d: optimal %v, value %g, bound of the duals %g", seed, got.Optimal, got.Value, low)
		}
		feasible(t, seed, p, got)
	}
}

func feasible(t *testing.T, seed uint64, p *Problem, got Result) {
	t.Helper()
	for k, d := range p.Demand {
		sum := got.Refused[k]
		for _, v := range got.Placed[k] {
			sum += v
		}
		if math.Abs(sum-d) > 1e-6*d {
			t.Fatalf("seed %d: class %d: %g placed and refused of %g", seed, k, sum, d)
		}
	}
	for g, c := range p.Capacity {
		for r, v := range c {
			used := 0.0
			for k := range p.Demand {
				used += got.Placed[k][g] * useAt(p, k, g, r)
			}
			if used > v*(1+1e-6) {
				t.Fatalf("seed %d: group %d uses %g of %g", seed, g, used, v)
			}
		}
	}
}

// BenchmarkMinimize is a problem of the size that a plan is bounded to.
func BenchmarkMinimize(b *testing.B) {
	p := randomProblem(rand.New(rand.NewPCG(1, 1)), 256, 64, 3, 0.92)
	for b.Loop() {
		if !Minimize(p, 50_000).Optimal {
			b.Fatal("no optimum")
		}
	}
}
