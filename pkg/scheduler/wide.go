package scheduler

import "math/bits"

// wide is a sum of 128 bits. What a tenant uses is added and taken back over and over:
// a sum that saturated would not come back to what it was.
type wide struct{ hi, lo uint64 }

// product is v times n, 0 if either is negative.
func product(v int64, n int) wide {
	hi, lo := bits.Mul64(uint64(max(0, v)), uint64(max(0, n)))
	return wide{hi, lo}
}

func (a wide) plus(b wide) wide {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry)
	return wide{hi, lo}
}

// minus takes back what was added before.
func (a wide) minus(b wide) wide {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return wide{hi, lo}
}

// most is the largest amount that events can carry: 2^53 - 1.
const most = 1<<53 - 1

// amount is the sum as an amount of an event, held at the largest one.
func (a wide) amount() int64 {
	if a.hi > 0 || a.lo > most {
		return most
	}
	return int64(a.lo)
}

// left is what remains of a limit, never below 0.
func (a wide) left(limit int64) int64 { return max(0, limit-a.amount()) }

// wholeShare is everything, in the unit of a dominant share; mostShare is eight times
// as much: a fleet may shrink below what was given. It times a weight is below 2^63.
const (
	wholeShare = 1 << 40
	mostShare  = 8 * wholeShare
)

// shareOf is the sum as a share of the whole; of nothing everybody has 0.
func (a wide) shareOf(whole int64) uint64 {
	if whole <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(a.lo, wholeShare)
	if a.hi > 0 || hi >= uint64(whole) {
		return mostShare
	}
	out, _ := bits.Div64(hi, lo, uint64(whole))
	return min(out, mostShare)
}
