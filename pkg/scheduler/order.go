package scheduler

import (
	"maps"
	"slices"
)

// sortedKeys makes the order of a map explicit.
func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}
