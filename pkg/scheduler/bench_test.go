package scheduler

import (
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
)

// BenchmarkDecide measures one decision with its command, decided and applied, over
// fleets of growing size.
func BenchmarkDecide(b *testing.B) {
	for _, clusters := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("clusters=%d", clusters), func(b *testing.B) {
			f := newFleet(b)
			f.unchecked = true
			for i := range clusters {
				f.addCluster(event.ClusterID(fmt.Sprintf("c%d", i)), nil, "small nodes=500 cpu=640 mem=2560\nlarge nodes=500 cpu=1280 mem=5120\n")
			}
			for i := range b.N {
				w := spec(b, fmt.Sprintf("t/w%d", i), map[string]string{"cpu": fmt.Sprintf("%dm", 100+50*(i%16)), "mem": "1"})
				f.fact(event.Intents, w)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				for range 2 {
					f.append(f.s.Decide())
				}
			}
		})
	}
}
