package sim

import "math/rand/v2"

// clusterRoom is what a federation knows of its clusters: how many of each class fit,
// and the sums of what is free. It is kept only for policies that choose a cluster.
type clusterRoom struct {
	wanted bool
	fits   [][]int64 // by cluster and class
	sums   []State   // by cluster; GPU[0] is not used
	gpus   []int64
}

func (r *clusterRoom) init(f *Fleet) {
	if r.wanted = f.policy.Cluster != nil; !r.wanted {
		return
	}
	r.fits, r.sums, r.gpus = make([][]int64, len(f.Groups)), make([]State, len(f.Groups)), make([]int64, len(f.Groups))
	for i, nodes := range f.Groups {
		r.fits[i] = make([]int64, len(f.In.Classes))
		for _, n := range nodes {
			r.add(f, i, f.nodes[n], 1)
		}
	}
}

func (r *clusterRoom) move(f *Fleet, cluster int, from, to *Known) {
	if r.wanted {
		r.add(f, cluster, from, -1)
		r.add(f, cluster, to, 1)
	}
}

func (r *clusterRoom) add(f *Fleet, cluster int, k *Known, sign int64) {
	r.sums[cluster].CPU += sign * k.CPU
	r.sums[cluster].Mem += sign * k.Mem
	r.gpus[cluster] += sign * k.Free()
	for c, n := range f.fits(k) {
		r.fits[cluster][c] += sign * n
	}
}

// fits counts how many of each class the state takes.
func (f *Fleet) fits(k *Known) []int64 {
	if k.fits == nil {
		k.fits = make([]int64, len(f.In.Classes))
		for c := range k.fits {
			if f.In.Open[c][k.Shape] {
				k.fits[c] = k.Fits(&f.In.Classes[c])
			}
		}
	}
	return k.fits
}

// available is how many of a class the cluster takes, by its sums alone.
func (r *clusterRoom) available(f *Fleet, cluster, class int) int64 {
	c, s := &f.In.Classes[class], &r.sums[cluster]
	n := int64(1 << 40)
	for _, x := range [][2]int64{{c.Ask.CPUMilli, s.CPU}, {c.Ask.MemoryBytes, s.Mem}, {c.Ask.GPUMilli, r.gpus[cluster]}} {
		if x[0] > 0 {
			n = min(n, x[1]/x[0])
		}
	}
	return n
}

// MostAvailable chooses the cluster where most of the class fit, as Karmada's
// dynamic weights do for a single replica: by accurate estimators or by sums.
func MostAvailable(accurate bool) func(f *Fleet, class int) int {
	return func(f *Fleet, class int) int {
		best, most := -1, int64(0)
		for i := range f.Groups {
			n := f.cluster.fits[i][class]
			if !accurate {
				n = f.cluster.available(f, i, class)
			}
			if n > most {
				best, most = i, n
			}
		}
		return best
	}
}

// Deal gives each of n clusters its nodes: typed clusters have nodes of one shape, as
// far as the number of clusters allows; otherwise nodes are shuffled.
func Deal(in *Input, n int, typed bool, seed uint64) [][]int {
	out := make([][]int, n)
	if typed {
		return dealTyped(in, out)
	}
	order := rand.New(rand.NewPCG(seed, 3)).Perm(len(in.Machines))
	for i, node := range order {
		out[i%n] = append(out[i%n], node)
	}
	return out
}

// dealTyped gives every shape clusters of its own, more to those with more nodes;
// with fewer clusters than shapes, shapes share them.
func dealTyped(in *Input, out [][]int) [][]int {
	byShape := make([][]int, len(in.Shapes))
	for node, shape := range in.Machines {
		byShape[shape] = append(byShape[shape], node)
	}
	own := make([]int, len(byShape)) // clusters of each shape
	for i := range own {
		own[i] = 1
	}
	for spare := len(out) - len(byShape); spare > 0; spare-- {
		largest := 0
		for i := range own {
			if len(byShape[i])*own[largest] > len(byShape[largest])*own[i] {
				largest = i
			}
		}
		own[largest]++
	}
	first := 0
	for i, nodes := range byShape {
		for j, node := range nodes {
			at := (first + j%own[i]) % len(out)
			out[at] = append(out[at], node)
		}
		first += own[i]
	}
	return out
}
