package scheduler

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/steering/solve"
)

// steer records a plan as the service would: solved for the state of now.
func (f *fleet) steer(seconds int64) {
	sum := f.s.Steering()
	if sum == nil {
		return
	}
	f.append(solve.Plan(sum, seconds*1000))
}

// rush submits workloads at once: a line each, as for submit.
func (f *fleet) rush(lines string) {
	for line := range strings.Lines(lines) {
		parts := strings.Fields(line)
		args := map[string]string{}
		for _, part := range parts[1:] {
			key, value, _ := strings.Cut(part, "=")
			args[key] = value
		}
		f.fact(event.Intents, spec(f.tb, parts[0], args))
	}
}

// planWords tells the plan that holds and what is left of it.
func (f *fleet) planWords() string {
	p := f.s.steer.snapshot()
	if p == nil {
		return "no plan\n"
	}
	var b strings.Builder
	for i, g := range p.Groups {
		fmt.Fprintf(&b, "%s: a core is worth %d, a GiB %d;", g.Name, g.CPU, g.Memory)
		for _, q := range p.Quotas {
			if q.Group == i {
				fmt.Fprintf(&b, " %d of %s", q.Replicas, q.Class)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestLawsUnderPlans: the laws hold and the index gives what a full look gives while
// plans come and go, whatever their age.
func TestLawsUnderPlans(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFleet(rt)
		drawClusters(rt, f)
		f.fact(event.Intents, &event.PolicySet{Prefer: []event.Preference{{Score: event.ScorePrice, Weight: 1}}})
		for _, c := range f.order {
			f.fact(event.Intents, &event.PriceSet{Cluster: c, Prices: []event.Price{{CPU: int64(rapid.IntRange(0, 9).Draw(rt, "cpu")), Memory: 2}}})
		}
		for range rapid.IntRange(5, 30).Draw(rt, "steps") {
			if rapid.IntRange(0, 3).Draw(rt, "plan") == 0 {
				f.steer(int64(rapid.SampledFrom([]int{1, 5, 60}).Draw(rt, "seconds")))
			}
			step(rt, f)
			f.decide()
			mustHold(rt, f)
			mustCount(rt, f)
		}
		quiet(rt, f)
		mustCommute(rt, f)
	})
}

// mustCount compares the census that was kept up with one made anew.
func mustCount(rt *rapid.T, f *fleet) {
	kept := f.s.Steering()
	f.s.steer.census = nil
	if fresh := f.s.Steering(); fmt.Sprint(kept) != fmt.Sprint(fresh) {
		rt.Fatalf("the census kept up says\n%v\nand one made anew\n%v", kept, fresh)
	}
}
