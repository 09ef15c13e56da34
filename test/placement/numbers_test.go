package placement

import (
	"testing"

	"fairlead.dev/pkg/event"
	service "fairlead.dev/services/placement"
)

// PLACEMENTS is lost and the log adopted as it is: numbers begin again at 1, below the
// tokens on the cluster's objects, until the agent says what it holds. Then they go on
// above it, and what is wanted is carried out.
func TestNumbersGoOnAfterTheLogIsLost(t *testing.T) {
	f := newFleet(t)
	leader := f.lead()
	sims := map[event.ClusterID]*sim{}
	for _, name := range []event.ClusterID{"a", "b", "c"} {
		sims[name] = f.simulate(name)
		sims[name].start()
	}
	f.synchronised(3)
	for n := 1; n <= 4; n++ {
		f.want("web", 3*n, event.Policy{})
		f.eventually(sims, "everything runs", func(all map[string]int) bool { return all["web"] == 3*n })
	}
	f.end(leader)
	for _, s := range sims {
		s.kill()
	}
	f.recreate(event.Placements)
	f.lead(func(c *service.Config) { c.AdoptLog = true })
	for _, s := range sims {
		s.start()
	}
	f.want("web", 7, event.Policy{})
	f.want("api", 3, event.Policy{})
	f.eventually(sims, "what is wanted runs", func(all map[string]int) bool { return all["web"] == 7 && all["api"] == 3 })
}
