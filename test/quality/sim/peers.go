package sim

import "math"

// Peers are the policies that pack one cluster, or many seen as one.
func Peers() []*Policy {
	return []*Policy{
		{Name: "random", Ties: ByChance, Cost: func(*Fleet, int, *Known, *Known) float64 { return 0 }},
		{Name: "dot product", Ties: ByOrder, Cost: dotProduct},
		{Name: "best fit", Ties: ByOrder, Cost: bestFit},
		kubeDefault(),
		{Name: "FGD", Ties: ByOrder, EveryDevice: true, Cost: fgd},
		{Name: "FGD + stranding", Ties: ByState, EveryDevice: true, Cost: fgdStranding},
	}
}

// Federated are the peers that choose a cluster first and leave the node to it: each
// cluster has kube-scheduler with its defaults.
func Federated() []*Policy {
	accurate, sums := kubeDefault(), kubeDefault()
	accurate.Name, accurate.Cluster = "Karmada, accurate estimators", MostAvailable(true)
	sums.Name, sums.Cluster = "Karmada, resource sums", MostAvailable(false)
	return []*Policy{accurate, sums}
}

// Largest node of the fleet: CPU and GPU are measured in it.
const (
	largestCPU = 128_000
	largestGPU = 8_000
)

// dotProduct prefers the node whose free room points least along the request, so that
// small rests are used first.
func dotProduct(f *Fleet, class int, before, _ *Known) float64 {
	ask := f.In.Classes[class].Ask
	dot := float64(before.CPU)/largestCPU*float64(ask.CPUMilli)/largestCPU + float64(before.Free())/largestGPU*float64(ask.GPUMilli)/largestGPU
	return math.Floor(100 * dot)
}

// bestFit prefers the node with the least left, CPU and GPU weighing the same.
func bestFit(_ *Fleet, _ int, _, after *Known) float64 {
	return math.Floor(100 * (float64(after.CPU)/largestCPU + float64(after.Free())/largestGPU) / 2)
}

// kubeDefault is what kube-scheduler does with GPUs as extended resources: least
// allocated and balanced allocation over CPU and memory, ties by chance.
func kubeDefault() *Policy {
	return &Policy{Name: "kube-scheduler default", Ties: ByChance, Cost: func(f *Fleet, _ int, _, after *Known) float64 {
		m := f.In.Shapes[after.Shape]
		cpu, mem := float64(after.CPU)/float64(m.CPUMilli), float64(after.Mem)/float64(m.MemoryBytes)
		least := math.Floor(50 * (cpu + mem))
		balanced := math.Floor(100 * (1 - math.Abs(cpu-mem)/2))
		return -(least + balanced)
	}}
}

// fgd is fragmentation gradient descent: the growth of fragmentation, squeezed and
// rounded as the authors do.
func fgd(f *Fleet, _ int, before, after *Known) float64 {
	grown := f.Value(after, fragmentation) - f.Value(before, fragmentation)
	return -math.Floor(100 / (1 + math.Exp(grown/1000)))
}

// fragmentation is the free GPU that a random request cannot use.
func fragmentation(f *Fleet, s *State) float64 {
	free := float64(s.Free())
	out := 0.0
	for i, w := range f.Weight {
		c := &f.In.Classes[i]
		if c.Devices == 0 || !f.In.Open[i][s.Shape] || s.Fits(c) == 0 {
			out += w * free
			continue
		}
		for _, g := range s.GPU {
			if int(g) < c.Milli {
				out += w * float64(g)
			}
		}
	}
	return out
}

// fgdStranding adds to FGD, with a small weight, the GPUs that a node's CPU and memory do
// not suffice for. No tie is left to the order of the nodes.
func fgdStranding(f *Fleet, _ int, before, after *Known) float64 {
	grown := f.Value(after, stranded) - f.Value(before, stranded)
	return math.Floor(grown / 40)
}

func stranded(f *Fleet, s *State) float64 {
	free := float64(s.Free())
	out := 0.0
	for i, w := range f.Weight {
		c := &f.In.Classes[i]
		if c.Devices > 0 && f.In.Open[i][s.Shape] {
			out += w * (free - float64(s.Fits(c)*int64(c.Devices*c.Milli)))
		}
	}
	return out/10 + fragmentation(f, s)
}
