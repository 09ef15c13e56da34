package main

import (
	"sort"

	"fairlead.dev/pkg/pack"
	"fairlead.dev/pkg/steering/solve"
	"fairlead.dev/test/quality/sim"
	"fairlead.dev/test/quality/verdict"
)

// The bound is a linear programme over request classes and node shapes: pods may be
// split and spread over all nodes of a shape, so no scheduler can do better. CPU,
// memory and GPU bind, and the devices: however a device is cut into shares, they are
// not worth more than one device, by the prices of package pack.
const resources = 4

const pivots = 200_000

// bound gives what could be allocated at most of the first n arrivals, in % of the
// fleet's GPUs, and whether all of them could be placed.
func bound(in *sim.Input, n int) (allocated float64, all bool) {
	asked := make([]float64, len(in.Classes))
	for _, c := range in.Arrivals[:n] {
		asked[c]++
	}
	mix := devices(in)
	p := &solve.Problem{}
	var of []int // classes of the problem
	for c, count := range asked {
		if count > 0 {
			of = append(of, c)
			p.Demand = append(p.Demand, count)
			p.Refuse = append(p.Refuse, refusal(in, c))
			p.Use = append(p.Use, uses(in, c, mix))
			p.Cost = append(p.Cost, costs(in, c))
		}
	}
	p.Capacity = capacities(in, mix)
	r := solve.Minimize(p, pivots)
	all = true
	for i, c := range of {
		allocated += 100 * (p.Demand[i] - r.Refused[i]) * float64(in.Classes[c].Ask.GPUMilli) / float64(in.GPUMilli)
		all = all && (r.Refused[i] < 1e-6 || !in.Possible(c))
	}
	return allocated, all
}

// refusal prices a pod without GPUs lower than any GPU, but above nothing.
func refusal(in *sim.Input, class int) float64 {
	return max(0.001, float64(in.Classes[class].Ask.GPUMilli)/1000)
}

func devices(in *sim.Input) *pack.Mix {
	classes := make([]pack.Class, len(in.Classes))
	for _, c := range in.Arrivals {
		classes[c].Request = in.Classes[c].Ask
		classes[c].Asked++
	}
	return pack.Learn(classes, in.GPUMilli)
}

// uses are cores, GiB, GPUs and worth of devices.
func uses(in *sim.Input, class int, mix *pack.Mix) []float64 {
	c := &in.Classes[class]
	worth := 0.0
	if c.Devices > 0 {
		worth = float64(c.Devices) * float64(mix.Device(c.Milli))
	}
	return []float64{float64(c.Ask.CPUMilli) / 1000, float64(c.Ask.MemoryBytes) / (1 << 30), float64(c.Ask.GPUMilli) / 1000, worth / 1e9}
}

func costs(in *sim.Input, class int) []float64 {
	out := make([]float64, len(in.Shapes))
	for s := range in.Shapes {
		if !in.Holds(class, s) {
			out[s] = solve.Barred
		}
	}
	return out
}

func capacities(in *sim.Input, mix *pack.Mix) [][]float64 {
	out := make([][]float64, len(in.Shapes))
	for i := range out {
		out[i] = make([]float64, resources)
	}
	for _, s := range in.Machines {
		m := in.Shapes[s]
		out[s][0] += float64(m.CPUMilli) / 1000
		out[s][1] += float64(m.MemoryBytes) / (1 << 30)
		out[s][2] += float64(m.GPUs)
		out[s][3] += float64(m.GPUs) * float64(mix.Device(1000)) / 1e9
	}
	return out
}

// bounds are those of the seeds' arrivals at 100% and 130%, and the latest first
// failure.
func bounds(a verdict.Ask, of func(seed uint64) *sim.Input) summary {
	out := summary{name: "LP upper bound"}
	for _, seed := range seeds(a) {
		each := of(seed)
		arrived := prefixes(each)
		at, _ := bound(each, sort.SearchFloat64s(arrived, 100))
		end, _ := bound(each, len(arrived))
		first := sort.Search(len(arrived), func(n int) bool {
			_, all := bound(each, n)
			return !all
		})
		out.at100, out.at130 = append(out.at100, at), append(out.at130, end)
		out.first = append(out.first, arrived[max(0, first-1)])
	}
	a.Table("No scheduler can do better", [][]string{header, out.row()})
	return out
}

// prefixes are the GPUs that have arrived after each pod, in % of the fleet's.
func prefixes(in *sim.Input) []float64 {
	out := make([]float64, len(in.Arrivals))
	sum := int64(0)
	for i, c := range in.Arrivals {
		sum += in.Classes[c].Ask.GPUMilli
		out[i] = 100 * float64(sum) / float64(in.GPUMilli)
	}
	return out
}
