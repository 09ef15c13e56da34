package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/openb/trace"
)

// MostGPUs is how many devices a node may have.
const MostGPUs = 16

// Input is what every policy packs.
type Input struct {
	Shapes   []trace.Machine // node shapes, in the order they appear
	Machines []int           // the shape of each node
	Classes  []Class
	Arrivals []int    // the class of each pod, in order of arrival
	Open     [][]bool // by class and shape
	GPUMilli int64    // capacity of the fleet
}

// Class is one kind of request.
type Class struct {
	Ask     event.Resources
	Models  string // the GPU models it accepts, joined by |; empty means any
	Devices int    // how many GPUs it takes; 0 for none
	Milli   int    // of each
}

// NewInput takes machines and pods as they come.
func NewInput(machines []trace.Machine, pods []trace.Pod) (*Input, error) {
	in := &Input{}
	for _, m := range machines {
		if m.GPUs > MostGPUs {
			return nil, fmt.Errorf("a node has %d GPUs, more than %d", m.GPUs, MostGPUs)
		}
		at := slices.Index(in.Shapes, m)
		if at < 0 {
			at = len(in.Shapes)
			in.Shapes = append(in.Shapes, m)
		}
		in.Machines = append(in.Machines, at)
		in.GPUMilli += int64(m.GPUs) * 1000
	}
	known := map[string]int{}
	for _, p := range pods {
		c := classOf(p)
		key := fmt.Sprint(c)
		at, ok := known[key]
		if !ok {
			at = len(in.Classes)
			known[key] = at
			in.Classes = append(in.Classes, c)
			in.Open = append(in.Open, in.openTo(c))
		}
		in.Arrivals = append(in.Arrivals, at)
	}
	return in, nil
}

func classOf(p trace.Pod) Class {
	c := Class{Ask: p.Resources, Models: strings.Join(p.Models, "|")}
	switch gpu := int(p.Resources.GPUMilli); {
	case gpu >= 1000:
		c.Devices, c.Milli = gpu/1000, 1000
	case gpu > 0:
		c.Devices, c.Milli = 1, gpu
	}
	return c
}

func (in *Input) openTo(c Class) []bool {
	out := make([]bool, len(in.Shapes))
	for i, s := range in.Shapes {
		out[i] = c.Models == "" || slices.Contains(strings.Split(c.Models, "|"), s.Model)
	}
	return out
}

// Holds says whether an empty node of the shape takes one of the class.
func (in *Input) Holds(class, shape int) bool {
	s := in.empty(shape)
	return in.Open[class][shape] && s.Fits(&in.Classes[class]) > 0
}

// Possible says whether the class fits on an empty node of the fleet: a request that
// never fits is no failure of whoever packs.
func (in *Input) Possible(class int) bool {
	for i := range in.Shapes {
		if in.Holds(class, i) {
			return true
		}
	}
	return false
}

// Inflate gives arrivals of so many times the fleet's GPUs: the pods of the trace,
// then pods drawn from it, shuffled, as the authors of the trace do.
func (in *Input) Inflate(times float64, seed uint64) *Input {
	rng := rand.New(rand.NewPCG(seed, 7))
	out := *in
	out.Arrivals = slices.Clone(in.Arrivals)
	asked := int64(0)
	for _, c := range in.Arrivals {
		asked += in.Classes[c].Ask.GPUMilli
	}
	for {
		c := in.Arrivals[rng.IntN(len(in.Arrivals))]
		asked += in.Classes[c].Ask.GPUMilli
		if float64(asked) > times*float64(in.GPUMilli) {
			break
		}
		out.Arrivals = append(out.Arrivals, c)
	}
	rng.Shuffle(len(out.Arrivals), func(i, j int) { out.Arrivals[i], out.Arrivals[j] = out.Arrivals[j], out.Arrivals[i] })
	return &out
}

// Constrain lets a share of the GPU pods ask for GPU models, as other pods of the
// trace do: the pods that already do keep what they ask for, more are drawn.
func Constrain(machines []trace.Machine, pods []trace.Pod, share float64, seed uint64) []trace.Pod {
	rng := rand.New(rand.NewPCG(seed, 33))
	var donors [][]string
	gpus := 0
	for _, p := range pods {
		if p.Resources.GPUMilli > 0 {
			gpus++
			if len(p.Models) > 0 {
				donors = append(donors, p.Models)
			}
		}
	}
	missing := (share*float64(gpus) - float64(len(donors))) / float64(gpus-len(donors))
	out := slices.Clone(pods)
	for i := range out {
		p := &out[i]
		if p.Resources.GPUMilli == 0 || len(p.Models) > 0 || rng.Float64() >= missing {
			continue
		}
		if models := donors[rng.IntN(len(donors))]; anyHolds(machines, p.Resources, models) {
			p.Models = models
		}
	}
	return out
}

func anyHolds(machines []trace.Machine, r event.Resources, models []string) bool {
	return slices.ContainsFunc(machines, func(m trace.Machine) bool {
		return slices.Contains(models, m.Model) && m.CPUMilli >= r.CPUMilli && m.MemoryBytes >= r.MemoryBytes && int64(m.GPUs)*1000 >= r.GPUMilli
	})
}

// Reorder gives the same nodes in another order.
func (in *Input) Reorder(seed uint64) *Input {
	rng := rand.New(rand.NewPCG(seed, 5))
	out := *in
	out.Machines = slices.Clone(in.Machines)
	rng.Shuffle(len(out.Machines), func(i, j int) {
		out.Machines[i], out.Machines[j] = out.Machines[j], out.Machines[i]
	})
	return &out
}

// Pods gives one pod of each class.
func (in *Input) Pods() map[int]trace.Pod {
	out := map[int]trace.Pod{}
	for i, c := range in.Classes {
		p := trace.Pod{Resources: c.Ask}
		if c.Models != "" {
			p.Models = strings.Split(c.Models, "|")
		}
		out[i] = p
	}
	return out
}

// Nodes are the machines in order.
func (in *Input) Nodes() []trace.Machine {
	var out []trace.Machine
	for _, shape := range in.Machines {
		out = append(out, in.Shapes[shape])
	}
	return out
}
