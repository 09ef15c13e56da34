package cost

import (
	"fmt"
	"path/filepath"

	"fairlead.dev/test/quality/verdict"
)

// Limits of goal 5.
const (
	most     = 1.05 // cost over the bound
	leftOver = 0.5  // points of demand beside what is unavoidable
)

var loads = []float64{0.30, 0.70, 0.92}

// Measure runs every policy at every load and says whether goal 5 is met: for every
// load and seed, by the simulated policy as well as by the core.
func Measure(a verdict.Ask) ([]verdict.Goal, error) {
	trace, horizon, err := readTrace(filepath.Join(a.Traces, "azure", "workloads_bernoulli_relevant-vm-1pcnt_0.csv"))
	if err != nil {
		return nil, err
	}
	seeds := []uint64{1, 2}
	if a.Full {
		seeds = []uint64{1, 2, 3, 4, 5, 6}
	}
	m := &measured{goal: verdict.Goal{Number: 5, Met: true}}
	for _, load := range loads {
		m.worst, m.left = 0, 0
		rows := [][]string{{"seed", "policy", "cost / LP", "unplaced %", "unavoidable %", "never placed"}}
		for _, seed := range seeds {
			s := newScenario(trace, horizon, load, seed)
			rows = append(rows, m.policies(s, seed, a.Full || seed == seeds[0])...)
		}
		a.Table(fmt.Sprintf("azure on %d clusters at %.0f%% load", clusters, 100*load), rows)
		m.goal.Figures += fmt.Sprintf("%.0f%%: cost %.3f of the bound, unplaced %.2f points above the unavoidable; ", 100*load, m.worst, m.left)
	}
	m.goal.Figures += fmt.Sprintf("worst of %d seeds, simulated and in the core", len(seeds))
	return []verdict.Goal{m.goal}, nil
}

// measured gathers the worst of what is ours.
type measured struct {
	goal        verdict.Goal
	worst, left float64
}

func (m *measured) policies(s *scenario, seed uint64, inCore bool) (rows [][]string) {
	unavoidable := -1.0
	row := func(name string, out outcome, ours bool) {
		demand := s.worthSum(out.demanded)
		if unavoidable < 0 {
			unavoidable = 100 * s.unplaceable(out.demanded) / demand
		}
		ratio, unplaced := out.cost/s.bound(out.placed), 100*(1-s.worthSum(out.placed)/demand)
		rows = append(rows, []string{fmt.Sprint(seed), name, fmt.Sprintf("%.3f", ratio), fmt.Sprintf("%.2f", unplaced), fmt.Sprintf("%.2f", unavoidable), fmt.Sprint(out.never)})
		if ours {
			m.worst, m.left = max(m.worst, ratio), max(m.left, unplaced-unavoidable)
			m.goal.Met = m.goal.Met && ratio <= most && unplaced <= unavoidable+leftOver
		}
	}
	row("Karmada-like, most available", simulate(s, mostAvailable{}).out, false)
	row("cheapest first", simulate(s, &cheapest{}).out, false)
	row("cheapest, best fit", simulate(s, &fittest{}).out, false)
	row("ours, simulated", simulate(s, &planned{}).out, true)
	if inCore {
		row("ours, in the core", newCore(s).run(), true)
	}
	return rows
}
