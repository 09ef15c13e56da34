package sim_test

import (
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/openb/trace"
	"fairlead.dev/test/quality/sim"
)

var machines = []trace.Machine{
	{CPUMilli: 16_000, MemoryBytes: 64 << 30, GPUs: 2, Model: "A"},
	{CPUMilli: 16_000, MemoryBytes: 64 << 30, GPUs: 2, Model: "B"},
	{CPUMilli: 8_000, MemoryBytes: 64 << 30, GPUs: 1, Model: "A"},
}

func pods(gpus ...int64) []trace.Pod {
	var out []trace.Pod
	for _, g := range gpus {
		out = append(out, trace.Pod{Resources: event.Resources{CPUMilli: 4000, MemoryBytes: 1 << 30, GPUMilli: g}})
	}
	return out
}

func input(t *testing.T, p []trace.Pod) *sim.Input {
	t.Helper()
	in, err := sim.NewInput(machines, p)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// TestEveryPeerFillsTheFleet: what fits in any order is placed by all of them.
func TestEveryPeerFillsTheFleet(t *testing.T) {
	in := input(t, pods(1000, 1000, 1000, 1000, 1000))
	for _, p := range sim.Peers() {
		o := sim.Run(in, p, sim.Deal(in, 1, false, 1), 1)
		if o.Failed != 0 || o.At(100) < 99.9 {
			t.Errorf("%s: %d failed, %.1f%% allocated", p.Name, o.Failed, o.At(100))
		}
	}
	for _, p := range sim.Federated() {
		if o := sim.Run(in, p, sim.Deal(in, 3, true, 1), 1); o.Failed != 0 {
			t.Errorf("%s: %d failed", p.Name, o.Failed)
		}
	}
}

// TestFragmentsCost: FGD joins shares on one device, where random may not.
func TestFragmentsCost(t *testing.T) {
	in := input(t, pods(500, 500, 2000, 2000))
	for _, p := range sim.Peers() {
		if p.Name != "FGD" && p.Name != "FGD + stranding" && p.Name != "best fit" {
			continue
		}
		if o := sim.Run(in, p, sim.Deal(in, 1, false, 1), 1); o.Failed != 0 || o.FirstFailure < 99.9 {
			t.Errorf("%s: %d failed, first at %.1f%%", p.Name, o.Failed, o.FirstFailure)
		}
	}
}

// TestSumsMislead: by sums a cluster has room for two devices that no node has.
func TestSumsMislead(t *testing.T) {
	in := input(t, pods(1000, 1000, 2000))
	groups := [][]int{{0, 1}, {2}}
	failed := map[string]int{}
	for _, p := range sim.Federated() {
		failed[p.Name] = sim.Run(in, p, groups, 1).Failed
	}
	if failed["Karmada, resource sums"] < failed["Karmada, accurate estimators"] {
		t.Errorf("failed: %v", failed)
	}
}

// TestDealKeepsEveryNode, shuffled or typed.
func TestDealKeepsEveryNode(t *testing.T) {
	in := input(t, pods(1000))
	for _, typed := range []bool{false, true} {
		for _, n := range []int{1, 2, 5} {
			seen := map[int]int{}
			for _, nodes := range sim.Deal(in, n, typed, 3) {
				for _, node := range nodes {
					seen[node]++
				}
			}
			if len(seen) != len(machines) {
				t.Errorf("%d clusters, typed %t: %v", n, typed, seen)
			}
		}
	}
}
