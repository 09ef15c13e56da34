package solve

import (
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering"
)

func core(n int64) event.Resources { return event.Resources{CPUMilli: 1000 * n, MemoryBytes: n * gib} }

// Four cores are cheap and eight dear; what may only go to the cheap ones gets them.
func twoGroups() *steering.Summary {
	return &steering.Summary{
		By:     event.SteeringPlannedByCluster,
		Groups: []steering.Group{{Name: "cheap", Free: core(4)}, {Name: "dear", Free: core(8)}},
		Classes: []steering.Class{
			{Key: "0000000000000001", Request: core(1), Waiting: 5, Standing: []int64{0, 0}, Fits: []int64{4, 8}, Price: []int64{10, 30}, Dearest: 30},
			{Key: "0000000000000002", Request: core(1), Waiting: 3, Standing: []int64{0, 0}, Fits: []int64{4, 0}, Price: []int64{10, steering.Barred}, Dearest: 30},
		},
	}
}

func TestPlanKeepsCheapRoomForWhoMayGoNowhereElse(t *testing.T) {
	p := Plan(twoGroups(), 1000)
	got := map[string][2]int{}
	for _, q := range p.Quotas {
		n := got[q.Class]
		n[q.Group] = q.Replicas
		got[q.Class] = n
	}
	if got["0000000000000001"] != [2]int{1, 4} || got["0000000000000002"] != [2]int{3, 0} {
		t.Errorf("quotas %v", got)
	}
	if cheap := p.Groups[0]; cheap.CPU+cheap.Memory != 20 {
		t.Errorf("a core and a GiB on cheap are worth %d and %d, together not what they save, 20", cheap.CPU, cheap.Memory)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
}

func TestPlanOfNothing(t *testing.T) {
	p := Plan(&steering.Summary{By: event.SteeringPlannedByCluster}, 1000)
	if len(p.Groups)+len(p.Quotas) > 0 || p.Validate() != nil {
		t.Errorf("%+v: %v", p, p.Validate())
	}
}

// Whole numbers add up to what was placed, within half a replica.
func TestQuotasAreWhole(t *testing.T) {
	for _, c := range []struct {
		placed []float64
		want   []int
	}{
		{[]float64{1.5, 1.5}, []int{2, 1}},
		{[]float64{0.3, 0.3, 0.4}, []int{0, 0, 1}},
		{[]float64{2.9999999999, 0}, []int{3, 0}},
		{[]float64{0.2, 0.2}, []int{0, 0}},
	} {
		got := make([]int, len(c.placed))
		for _, q := range quotas("k", c.placed) {
			got[q.Group] = q.Replicas
		}
		for g := range got {
			if got[g] != c.want[g] {
				t.Errorf("%v becomes %v, want %v", c.placed, got, c.want)
				break
			}
		}
	}
}
