package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// TestSurprised: of which shapes a report has less than commands explain.
func TestSurprised(t *testing.T) {
	node := func(cpu int64, gpus ...int) event.FreeNodes {
		return event.FreeNodes{Nodes: 2, CPUMilli: cpu, MemoryBytes: 8, GPUs: gpus}
	}
	shapes := func(small, large event.FreeNodes) []event.NodeShape {
		return []event.NodeShape{{Name: "small", Nodes: 2, Free: []event.FreeNodes{small}}, {Name: "large", Nodes: 2, Free: []event.FreeNodes{large}}}
	}
	asks := &class{request: event.Resources{CPUMilli: 1000, MemoryBytes: 2, GPUMilli: 500}}
	placed := &told{Number: 5, replicas: 2, footprint: &footprint{{Shape: "large", Replicas: 2}}, class: asks}
	refused := &told{Number: 6, replicas: 1, footprint: &footprint{{Shape: "large", Replicas: 1}}, class: asks, marks: rejected}
	for name, c := range map[string]struct {
		through      uint64
		small, large event.FreeNodes
		want         int
	}{
		"nothing changed":                 {4, node(4000), node(8000, 1000), 0},
		"room came back":                  {4, node(5000), node(9000, 1000), 0},
		"others took CPU":                 {4, node(3999), node(8000, 1000), 1},
		"others took a device":            {4, node(4000), node(8000, 0), 1},
		"others took room on both":        {4, node(3000), node(7000, 1000), 2},
		"a command explains it":           {5, node(4000), node(7000, 500), 0},
		"the command is not in it yet":    {4, node(4000), node(7000, 500), 1},
		"others took more beside it":      {5, node(4000), node(6999, 500), 1},
		"another shape is not explained":  {5, node(3000), node(8000, 1000), 1},
		"a refused one explains its part": {6, node(4000), node(6500, 250), 0},
	} {
		cl := &cluster{report: &event.ClusterCapacityReported{Shapes: shapes(node(4000), node(8000, 1000))}, pending: []*told{placed, refused}}
		d := &event.ClusterCapacityReported{AppliedThrough: c.through, Shapes: shapes(c.small, c.large)}
		if got := cl.surprised(d); got != c.want {
			t.Errorf("%s: %d shapes surprised, want %d", name, got, c.want)
		}
	}
	gone := &event.ClusterCapacityReported{Shapes: shapes(node(4000), node(8000, 1000))[:1]}
	if got := (&cluster{report: &event.ClusterCapacityReported{Shapes: shapes(node(4000), node(8000, 1000))}}).surprised(gone); got != 1 {
		t.Errorf("a shape that is gone: %d surprises, want 1", got)
	}
}

// TestOdds: they grow with the age of the report and with what the cluster showed, and
// are nothing where the fleet has no surprises.
func TestOdds(t *testing.T) {
	calm := surprises{Millis: 600_000, AsOf: 600_000}
	busy := surprises{Count: 60_000, Millis: 600_000, AsOf: 600_000}
	const lull = 20_000
	for name, c := range map[string][2]int64{
		"an old report against a new one":   {busy.odds(605_000, lull), busy.odds(600_000, lull)},
		"a busy cluster against a calm one": {busy.odds(605_000, lull), calm.odds(605_000, lull)},
		"a calm one in such a fleet":        {calm.odds(605_000, lull), 0},
		"a busy fleet against a calm one":   {calm.odds(605_000, lull/4), calm.odds(605_000, lull)},
	} {
		if c[0] <= c[1] {
			t.Errorf("%s: %d is not more than %d", name, c[0], c[1])
		}
	}
	if got := busy.odds(1<<50, lull); got != mostCome {
		t.Errorf("after ages %d, want %d", got, mostCome)
	}
	if got := calm.odds(700_000, 0); got != 0 {
		t.Errorf("without surprises in the fleet %d, want 0", got)
	}
	for range 5000 {
		busy.Count -= fade(busy.Count)
	}
	if busy.Count != 0 {
		t.Errorf("what was long ago still counts %d", busy.Count)
	}
}

// TestSpare: how much of what is usually asked for a shape takes beside its last room.
func TestSpare(t *testing.T) {
	f := newFleet(t)
	f.addCluster("c", nil, "one nodes=1 cpu=64 mem=64 gpus=1\nthree nodes=3 cpu=64 mem=64 gpus=1\nwide nodes=1 cpu=64 mem=64 gpus=4\nnarrow nodes=1 cpu=6 mem=64 gpus=4\nmany nodes=99 cpu=64 mem=64 gpus=1\n")
	s := f.s
	s.known.mean = event.Resources{CPUMilli: 4000, MemoryBytes: 1 << 30}
	r := s.clusters.get("c").freeRoom()
	cl := s.known.class(spec(t, "t/w", map[string]string{"cpu": "1", "gpu": "250m"}))
	for i, want := range []int{1, 3, 4, 1, spares} { // others may take a device, and 4 CPUs
		if got := r.spare(&r.shapes[i], cl); got != want {
			t.Errorf("%s: %d spare, want %d", r.shapes[i].shape.Name, got, want)
		}
	}
}
