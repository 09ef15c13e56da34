package sim

// Outcome is what came of packing an input.
type Outcome struct {
	Curve        []Point
	FirstFailure float64 // allocated GPU % when the first possible pod found no room
	Failed       int     // pods that found no room
	GPUMilli     int64   // capacity
}

// Point is how much was allocated when so much had arrived, in % of the fleet's GPUs.
type Point struct{ Arrived, Allocated float64 }

// At is the allocation when arrivals reached that many percent, or all there were.
func (o *Outcome) At(percent float64) float64 {
	out := 0.0
	for _, p := range o.Curve {
		if p.Arrived > percent {
			break
		}
		out = p.Allocated
	}
	return out
}

// Count notes the arrival of a class and whether it was placed.
func (o *Outcome) Count(in *Input, class int, placed bool) {
	if o.GPUMilli = in.GPUMilli; len(o.Curve) == 0 {
		o.Curve = append(o.Curve, Point{})
	}
	last := o.Curve[len(o.Curve)-1]
	if !placed {
		if o.Failed++; o.FirstFailure == 0 && in.Possible(class) {
			o.FirstFailure = last.Allocated
		}
	}
	share := 100 * float64(in.Classes[class].Ask.GPUMilli) / float64(in.GPUMilli)
	if share == 0 {
		return
	}
	last.Arrived += share
	if placed {
		last.Allocated += share
	}
	o.Curve = append(o.Curve, last)
}

// Run packs the input by a policy on nodes dealt to clusters.
func Run(in *Input, p *Policy, groups [][]int, seed uint64) *Outcome {
	f := NewFleet(in, p, groups, seed)
	out := &Outcome{}
	for _, class := range in.Arrivals {
		out.Count(in, class, f.place(class))
	}
	return out.Ended()
}

// Ended is the outcome when no more arrives: what never failed fails there.
func (o *Outcome) Ended() *Outcome {
	if o.FirstFailure == 0 {
		o.FirstFailure = o.At(1000)
	}
	return o
}
