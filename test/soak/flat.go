package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// point is one sample: when, since the beginning, and how much.
type point struct {
	at    time.Duration
	value float64
}

// series is one quantity over the run.
type series struct {
	name   string
	bytes  bool
	points []point
}

const (
	warmUp    = 1.0 / 3          // of the run, not judged: caches fill, streams reach their limits
	pieces    = 20               // that the rest is cut into
	tolerance = 0.10             // growth over the rest, of the median
	shortest  = 10 * time.Minute // that is judged: before that everything still warms up
)

// verdict is what a series came to.
type verdict struct {
	name         string
	bytes        bool
	median, most float64
	growth       float64 // over the judged time
	perHour      float64
	judged       bool
	flat         bool
}

// judge says whether a series grows. The time after the warm-up is cut into pieces; the
// least of each piece counts, since a heap before its collection says how much garbage
// there is and not how much is kept. The slope is the median of the slopes between all
// pairs of pieces (Theil and Sen), which no few outliers move. A series is flat when that
// slope, over the judged time, comes to no more than a tenth of the median, or to no more
// than slack: what a process of this size may well take for itself.
func (s series) judge(slack float64) verdict {
	v := verdict{name: s.name, bytes: s.bytes}
	floor := s.floors()
	if len(floor) < 2 || s.points[len(s.points)-1].at < shortest {
		return v
	}
	v.judged = true
	v.median = median(values(floor))
	for _, p := range s.points {
		v.most = max(v.most, p.value)
	}
	slope := theilSen(floor)
	v.growth = slope * float64(floor[len(floor)-1].at-floor[0].at)
	v.perHour = slope * float64(time.Hour)
	v.flat = v.growth <= max(tolerance*v.median, slack)
	return v
}

// floors are the least values of the pieces of the judged time.
func (s series) floors() []point {
	if len(s.points) == 0 {
		return nil
	}
	end := s.points[len(s.points)-1].at
	begin := time.Duration(warmUp * float64(end))
	length := max((end-begin)/pieces, 1)
	least := map[time.Duration]point{}
	for _, p := range s.points {
		if p.at < begin {
			continue
		}
		piece := min((p.at-begin)/length, pieces-1)
		if l, ok := least[piece]; !ok || p.value < l.value {
			least[piece] = point{begin + piece*length + length/2, p.value}
		}
	}
	var out []point
	for piece := range time.Duration(pieces) {
		if p, ok := least[piece]; ok {
			out = append(out, p)
		}
	}
	return out
}

// theilSen is the median of the slopes between all pairs of points, per nanosecond.
func theilSen(points []point) float64 {
	var slopes []float64
	for i, a := range points {
		for _, b := range points[i+1:] {
			slopes = append(slopes, (b.value-a.value)/float64(b.at-a.at))
		}
	}
	return median(slopes)
}

func values(points []point) []float64 {
	var out []float64
	for _, p := range points {
		out = append(out, p.value)
	}
	return out
}

// median of at least one value.
func median(values []float64) float64 {
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare)
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func (v verdict) amount(x float64) string {
	if v.bytes {
		return fmt.Sprintf("%.1f MiB", x/(1<<20))
	}
	return fmt.Sprintf("%.0f", x)
}

func (v verdict) word() string {
	switch {
	case !v.judged:
		return "too short to judge"
	case !v.flat:
		return "GROWS"
	}
	return "flat"
}
