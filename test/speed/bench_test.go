package main

import (
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
)

// BenchmarkDecision is one workload decided and applied with its command, and the
// reports that follow, as the fleet grows: 256 classes in turn.
func BenchmarkDecision(b *testing.B) {
	for _, clusters := range []int{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("clusters=%d", clusters), func(b *testing.B) {
			f := newFleet(clusters, max(clusters*nodesEach, 100_000))
			next := 0
			b.ReportAllocs()
			for b.Loop() {
				f.fact(event.Intents, wish(next, 256))
				next++
				for p := f.step(); p != nil; p = f.step() {
				}
				f.reports()
			}
			if f.decided != next || f.strays > 0 {
				b.Errorf("%d of %d decided, %d replicas astray", f.decided, next, f.strays)
			}
		})
	}
}
