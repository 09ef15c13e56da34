package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// Maintenance windows are dates: they are measured in the store's time, which ticks
// carry, while every duration is observed time.

// drainAhead is how long before a window with drain begins its clusters are emptied:
// what runs there moves before, under the budget of evictions.
const drainAhead = 10 * 60_000

// window is what maintenance asks of a cluster.
type window int

const (
	windowNone window = iota
	windowCordon
	windowDrain
)

// active says what a window asks for at a time, in ms since 1970.
func active(w *event.Window, now int64) window {
	start, length := w.Start, int64(w.Minutes)*60_000
	if w.Drain {
		start -= drainAhead
		length += drainAhead
	}
	if now < start {
		return windowNone
	}
	into := now - start
	if every := int64(w.EveryHours) * 3_600_000; every > 0 {
		into %= every
	}
	switch {
	case into >= length:
		return windowNone
	case w.Drain:
		return windowDrain
	}
	return windowCordon
}

// maintain brings what maintenance asks of clusters up to date, if a window opened or
// closed, or if force is set because windows or clusters changed.
func (s *State) maintain(force bool) {
	var now []window
	if s.fleet != nil {
		now = make([]window, len(s.fleet.Maintenance))
		for i := range s.fleet.Maintenance {
			now[i] = active(&s.fleet.Maintenance[i], s.stored)
		}
	}
	if !force && slices.Equal(now, s.windows) {
		return
	}
	s.windows = now
	for _, c := range s.clusters.sorted {
		s.maintainCluster(c)
	}
}

// maintainCluster sets what open windows ask of one cluster: the strongest counts.
func (s *State) maintainCluster(c *cluster) {
	was := c.window
	c.window = windowNone
	for i, open := range s.windows {
		if open > c.window && s.concerns(&s.fleet.Maintenance[i], c) {
			c.window = open
		}
	}
	if c.window != was {
		s.improved(c)
		s.touchSeats(c)
	}
}

func (s *State) concerns(w *event.Window, c *cluster) bool {
	return c.report != nil && !slices.ContainsFunc(w.Clusters, func(r event.Requirement) bool { return !matchesCluster(r, c.report) })
}
