package main

import (
	"fmt"
	"math"
)

// interval is a mean over seeds, and how far from it the true one may be.
type interval struct{ mean, half float64 }

// student is the 97.5th percentile of Student's t by degrees of freedom, from 1.
var student = []float64{12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13}

// intervalOf is the 95% interval that the spread between seeds gives: it takes in all by
// which seeds differ, not just the count of rare events.
func intervalOf(v []float64) interval {
	m := mean(v)
	if len(v) < 2 {
		return interval{m, math.Inf(1)}
	}
	sum := 0.0
	for _, x := range v {
		sum += (x - m) * (x - m)
	}
	n := float64(len(v))
	return interval{m, student[min(len(v)-1, len(student))-1] * math.Sqrt(sum/(n-1)/n)}
}

func (i interval) high() float64 { return i.mean + i.half }

func (i interval) String() string { return fmt.Sprintf("%.3f ± %.3f%%", i.mean, i.half) }
