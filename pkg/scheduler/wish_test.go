package scheduler

import (
	"fmt"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
)

// What tenants wanted once does not stay in memory, however many wishes there were and
// however large they were; what is alike is shared all the same.
func TestOldWishesAreForgotten(t *testing.T) {
	s := New(DefaultConfig())
	submit := func(name string, env string, seq uint64) *workload {
		s.Apply(event.Event{At: event.At{Stream: event.Intents, Sequence: seq}, Data: &event.WorkloadSubmitted{
			Tenant: "shop", Name: event.WorkloadName(name), Kind: event.KindService, Replicas: 1,
			Template: event.Template{Image: "x", Env: map[string]string{"A": env}},
		}})
		return s.workloads[event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(name)}]
	}
	seq, most := uint64(0), 0
	for i := range 3 * fewestWishes {
		seq++
		submit("web", fmt.Sprint(i), seq)
		most = max(most, len(s.known.wishes))
	}
	if most > fewestWishes+wishesToFleet {
		t.Errorf("%d wishes of one workload are kept", most)
	}
	large := strings.Repeat("x", 1<<20)
	for i := range 100 {
		seq++
		submit("web", fmt.Sprint(i)+large, seq)
		if s.known.wishBytes > maxWishBytes {
			t.Fatalf("wishes of %d bytes are kept", s.known.wishBytes)
		}
	}
	if a, b := submit("a", "same", seq+1), submit("b", "same", seq+2); a.spec != b.spec {
		t.Error("equal wishes are there twice")
	}
}
