package pack

// Devices are cut in hundredths: shares are rounded up to them, free room down.
const (
	steps = 100
	step  = device / steps
)

const (
	rounds   = 2000    // cuts made; more change the prices by less than a hundredth
	scale    = 1 << 50 // of prices at the start
	patience = 100     // cuts that serve all demand once, about: the slower, the finer
	fine     = 1 << 10
)

// billion is a whole device in the worth of one.
const billion = 1_000_000_000

// demand is a share of a device that is asked for.
type demand struct {
	size  int   // hundredths, rounded up
	asked int64 // millionths of all devices or shares asked for
	price int64
}

// duals prices the shares: the value of a device with so much free is the most that
// its room can be cut into. The prices approximate the duals of the linear programme
// that serves the demand with the fewest devices, by multiplicative weights: the
// dearest cut is made again and again, and what it serves becomes cheaper.
func duals(kinds []kind) (worth [steps + 1]int64) {
	all := demands(kinds)
	if len(all) == 0 {
		return worth
	}
	var best [steps + 1]int64
	bound := int64(0)
	for range rounds {
		value, cut := knapsack(all)
		if b := served(all, value[steps]); b > bound {
			bound, best = b, value
		}
		cheapen(all, cut)
	}
	for r := range worth {
		worth[r] = mulDiv(best[r], billion, max(1, best[steps]))
	}
	return worth
}

// demands gathers the shares asked for; whole devices are shares of a hundred.
func demands(kinds []kind) []demand {
	var of [steps + 1]int64
	total := int64(0)
	for _, k := range kinds {
		for _, c := range k.classes {
			n := c.share * k.devices
			of[(k.milli+step-1)/step] += n
			total += n
		}
	}
	var out []demand
	for size, n := range of {
		if a := part(n, total); size > 0 && a > 0 {
			out = append(out, demand{size: size, asked: a, price: scale / a})
		}
	}
	return out
}

// knapsack gives the value of every free room, and how often the dearest cut of a
// whole device holds each demand.
func knapsack(all []demand) (value [steps + 1]int64, cut []int64) {
	var from [steps + 1]int
	for r := 1; r <= steps; r++ {
		value[r], from[r] = value[r-1], -1
		for i := range all {
			if d := &all[i]; d.size <= r && value[r-d.size]+d.price > value[r] {
				value[r], from[r] = value[r-d.size]+d.price, i
			}
		}
	}
	cut = make([]int64, len(all))
	for r := steps; r > 0; {
		if from[r] < 0 {
			r--
			continue
		}
		cut[from[r]]++
		r -= all[from[r]].size
	}
	return value, cut
}

// served is the lower bound on the devices that the demand needs: its value at these
// prices over the value of a device.
func served(all []demand, whole int64) int64 {
	sum := int64(0)
	for _, d := range all {
		sum += d.asked * d.price
	}
	return mulDiv(sum, million, max(1, whole))
}

// cheapen lowers the prices of what a cut serves, the more the less is asked of it,
// and raises all of them when they have become small.
func cheapen(all []demand, cut []int64) {
	top := int64(0)
	for i := range all {
		d := &all[i]
		if cut[i] > 0 {
			slow := max(1, d.asked*patience*fine/million)
			d.price = max(1, mulDiv(d.price, slow, slow+cut[i]*fine))
		}
		top = max(top, d.price*d.asked)
	}
	if top < scale>>8 {
		for i := range all {
			all[i].price <<= 4
		}
	}
}
