// Package pure does what the core may.
package pure

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

const second = 1e9 // untyped, and an integer where it is used

type state struct{ weights map[string]int }

func (s *state) step(at time.Time, seen time.Time) (int64, error) {
	total := int64(0)
	for _, name := range slices.Sorted(maps.Keys(s.weights)) {
		total += int64(s.weights[name])
	}
	if at.After(seen) {
		return total, fmt.Errorf("late by %s", at.Sub(seen))
	}
	return total * int64(second), nil
}
