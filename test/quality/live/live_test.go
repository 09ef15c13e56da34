package live_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/openb/trace"
	"fairlead.dev/test/quality/live"
)

var machines = []trace.Machine{
	{CPUMilli: 96_000, MemoryBytes: 384 << 30, GPUs: 8, Model: "A"},
	{CPUMilli: 96_000, MemoryBytes: 384 << 30, GPUs: 8, Model: "A"},
	{CPUMilli: 32_000, MemoryBytes: 128 << 30, GPUs: 2, Model: "B"},
	{CPUMilli: 32_000, MemoryBytes: 128 << 30, GPUs: 2, Model: "B"},
	{CPUMilli: 64_000, MemoryBytes: 256 << 30, GPUs: 0},
}

func pod(rng *rand.Rand) trace.Pod {
	gpu := []int64{0, 300, 470, 700, 1000, 2000}[rng.IntN(6)]
	p := trace.Pod{Resources: event.Resources{CPUMilli: 1000 * (1 + rng.Int64N(8)), MemoryBytes: 4 << 30, GPUMilli: gpu}}
	if gpu > 0 && rng.IntN(4) == 0 {
		p.Models = []string{"B"}
	}
	return p
}

// churn lets pods come and go, some of them past the core.
func churn(cfg live.Config, seed uint64) *live.Fleet {
	rng := rand.New(rand.NewPCG(seed, seed))
	f := live.New(cfg, machines, [][]int{{0, 2}, {1, 3, 4}})
	var alive []string
	for i := range 150 {
		name := fmt.Sprintf("w%d", i)
		switch {
		case rng.IntN(10) == 0:
			f.Occupy(rng.IntN(f.Clusters()), name, pod(rng))
		case f.Submit(name, pod(rng)):
			alive = append(alive, name)
		default:
			f.Withdraw(name)
		}
		if len(alive) > 25 {
			at := rng.IntN(len(alive))
			f.Withdraw(alive[at])
			alive = append(alive[:at], alive[at+1:]...)
		}
		if i%10 == 0 {
			f.Tick()
		}
	}
	f.Settle()
	return f
}

// TestBooks: whatever is under way and however old reports are, what runs in the end is
// what was decided, no node was overdrawn, and the log decides the same again.
func TestBooks(t *testing.T) {
	for _, cfg := range []live.Config{{Every: 1, Keep: true}, {Every: 7, Keep: true}, {Every: 10, InFlight: 10, Keep: true}} {
		for seed := range uint64(3) {
			f := churn(cfg, seed)
			for _, wrong := range f.Check() {
				t.Errorf("%+v, seed %d: %s", cfg, seed, wrong)
			}
			if err := f.Replay(); err != nil {
				t.Errorf("%+v, seed %d: %v", cfg, seed, err)
			}
			if f.Commands == 0 {
				t.Errorf("%+v, seed %d: nothing was decided", cfg, seed)
			}
		}
	}
}
