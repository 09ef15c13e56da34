package scheduler

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"fairlead.dev/pkg/event"
)

// TestIndexFollowsTheFleet decides for a fleet large enough that indexes catch up with
// changes and are not made anew: every decision is held against a look at all clusters
// (mustEqualScan), while clusters fill, are cordoned and report, others take room, and
// time passes.
func TestIndexFollowsTheFleet(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, seed))
	f := newFleet(t)
	f.unchecked, f.scans = true, true
	for i := range 40 {
		f.addCluster(event.ClusterID(fmt.Sprintf("c%02d", i)), nil, "small nodes=3 cpu=8 mem=32\nlarge nodes=2 cpu=16 mem=64\n")
	}
	for i := range 400 {
		args := map[string]string{"cpu": fmt.Sprintf("%dm", 250*(1+rng.IntN(12))), "mem": fmt.Sprint(1 + rng.IntN(6))}
		if rng.IntN(2) == 0 {
			args["strategy"] = "pack"
		}
		f.fact(event.Intents, spec(t, fmt.Sprintf("t/w%d", i), args))
		c := f.order[rng.IntN(len(f.order))]
		switch rng.IntN(8) {
		case 0:
			f.fact(event.Intents, &event.ClusterCordoned{Cluster: c})
		case 1:
			f.fact(event.Intents, &event.ClusterUncordoned{Cluster: c})
		case 2:
			f.settle(c, 0)
			f.report(c)
		case 3: // others take a node: what is known grows risky with time
			f.clusters[c].intrude(rng.IntN(5), true)
			f.report(c)
		case 4:
			f.seconds(1)
		}
		f.decide()
	}
}
