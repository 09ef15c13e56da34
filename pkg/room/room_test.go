package room_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

func Example() {
	node := event.FreeNodes{Nodes: 1, CPUMilli: 4000, MemoryBytes: 8 << 30, GPUs: []int{1000, 400}}
	share := event.Resources{CPUMilli: 1000, GPUMilli: 300}
	fmt.Println(room.Fits(node, share))
	fmt.Println(room.Take(node, share).GPUs)
	// Output:
	// 4
	// [1000 100]
}

func TestFits(t *testing.T) {
	node := event.FreeNodes{
		Nodes: 1, CPUMilli: 4000, MemoryBytes: 8, GPUs: []int{1000, 1000, 600, 0},
		Extended: map[string]int64{"fpga": 2, room.Instances: 3},
	}
	for name, c := range map[string]struct {
		ask  event.Resources
		want int
	}{
		"cpu binds":              {event.Resources{CPUMilli: 2000}, 2},
		"memory binds":           {event.Resources{CPUMilli: 1, MemoryBytes: 4}, 2},
		"instances bind":         {event.Resources{CPUMilli: 1}, 3},
		"nothing is asked":       {event.Resources{}, 3},
		"extended bind":          {event.Resources{Extended: map[string]int64{"fpga": 2}}, 1},
		"extended is absent":     {event.Resources{Extended: map[string]int64{"tpu": 1}}, 0},
		"whole devices":          {event.Resources{GPUMilli: 1000}, 2},
		"two devices at once":    {event.Resources{GPUMilli: 2000}, 1},
		"three are not there":    {event.Resources{GPUMilli: 3000}, 0},
		"a share fits one alone": {event.Resources{GPUMilli: 700}, 2},
		"shares pack":            {event.Resources{GPUMilli: 500}, 3},
		"too much memory":        {event.Resources{MemoryBytes: 9}, 0},
	} {
		if got := room.Fits(node, c.ask); got != c.want {
			t.Errorf("%s: %d fit, want %d", name, got, c.want)
		}
	}
}

func drawNode(rt *rapid.T) event.FreeNodes {
	n := event.FreeNodes{Nodes: rapid.IntRange(1, 3).Draw(rt, "nodes"), CPUMilli: int64(rapid.IntRange(1, 2).Draw(rt, "cpu")) * 1000, MemoryBytes: int64(rapid.IntRange(2, 3).Draw(rt, "mem"))}
	for range rapid.IntRange(0, 4).Draw(rt, "devices") { // few kinds of node, so that ties are frequent
		n.GPUs = append(n.GPUs, rapid.SampledFrom([]int{0, 300, 600, 1000}).Draw(rt, "free"))
	}
	slices.SortFunc(n.GPUs, func(a, b int) int { return b - a })
	return n
}

func drawAsk(rt *rapid.T) event.Resources {
	return event.Resources{
		CPUMilli:    int64(rapid.SampledFrom([]int{0, 250, 500, 1000}).Draw(rt, "ask cpu")),
		MemoryBytes: int64(rapid.IntRange(0, 2).Draw(rt, "ask mem")),
		GPUMilli:    int64(rapid.SampledFrom([]int{0, 100, 300, 700, 1000, 2000}).Draw(rt, "ask gpu")),
	}
}

// TestTakeKeepsTheBooks: what fits can be taken as often as was said, nothing falls
// below zero, and the sum that is gone is what was asked.
func TestTakeKeepsTheBooks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		node, ask := drawNode(rt), drawAsk(rt)
		fits := min(room.Fits(node, ask), 50)
		before := fmt.Sprint(node)
		left := node
		for range fits {
			left = room.Take(left, ask)
		}
		if fmt.Sprint(node) != before {
			rt.Fatalf("the node passed in was changed: %v, was %s", node, before)
		}
		gone := sum(node.GPUs) - sum(left.GPUs)
		if left.CPUMilli < 0 || left.MemoryBytes < 0 || slices.ContainsFunc(left.GPUs, func(d int) bool { return d < 0 || d > room.Device }) {
			rt.Fatalf("%v less %d times %+v is %v", node, fits, ask, left)
		}
		if gone != fits*int(ask.GPUMilli) || node.CPUMilli-left.CPUMilli != int64(fits)*ask.CPUMilli {
			rt.Fatalf("%d times %+v took %d of the GPUs", fits, ask, gone)
		}
		if fits < 50 && room.Fits(left, ask) != 0 {
			rt.Fatalf("%v still takes one more", left)
		}
	})
}

func sum(devices []int) int {
	n := 0
	for _, d := range devices {
		n += d
	}
	return n
}

// TestTheOrderOfAListDoesNotMatter: the same nodes in another order give the same
// choice and the same rest.
func TestTheOrderOfAListDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var groups room.Groups
		for range rapid.IntRange(1, 6).Draw(rt, "groups") {
			groups = groups.Add(drawNode(rt))
		}
		shuffled := room.Groups(rapid.Permutation(groups).Draw(rt, "order"))
		for range 6 {
			ask := drawAsk(rt)
			n := rapid.IntRange(1, 3).Draw(rt, "replicas")
			groups, shuffled = place(groups, ask, n), place(shuffled, ask, n)
			if a, b := canonical(groups), canonical(shuffled); a != b {
				rt.Fatalf("after %+v:\n%s\n%s", ask, a, b)
			}
		}
	})
}

func place(g room.Groups, ask event.Resources, n int) room.Groups {
	for n > 0 {
		at, _ := g.Tightest(ask)
		if at < 0 {
			return g
		}
		var took int
		g, took = g.TakeAt(at, ask, n)
		n -= took
	}
	return g
}

func canonical(g room.Groups) string {
	var lines []string
	for _, n := range g {
		lines = append(lines, fmt.Sprintf("%d×%d/%d/%v", n.Nodes, n.CPUMilli, n.MemoryBytes, n.GPUs))
	}
	slices.Sort(lines)
	return fmt.Sprint(lines)
}
