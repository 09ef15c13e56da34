package main

import (
	"fmt"
	"math/rand/v2"

	"fairlead.dev/test/openb/trace"
	"fairlead.dev/test/quality/live"
	"fairlead.dev/test/quality/sim"
	"fairlead.dev/test/quality/verdict"
)

// The conditions of goal 2.
const (
	staleClusters = 32
	staleEvery    = 10   // own decisions of a cluster between two of its reports
	staleInFlight = 10   // commands of a cluster under way
	stalePerTick  = 20   // arrivals in a second
	staleForeign  = 0.1  // share of arrivals that others place past the core
	staleLoad     = 0.92 // share of the GPUs in use while arrivals and departures balance
)

// churn is the fleet at an even load while pods come and go.
type churn struct {
	f             *live.Fleet
	in            *sim.Input
	pods          map[int]trace.Pod
	rng           *rand.Rand
	alive         []tenant
	load          int64
	own, held, no int                              // submissions; those held; those held although there was room
	early         struct{ commands, rejected int } // before the fleet was full
}

// tenant is a pod that runs, or waits.
type tenant struct {
	name    string
	gpu     int64
	cluster int // of a foreign one; -1 for ours
}

// staleSeeds are those that goal 2 is judged on: settings of the core were chosen on others.
func staleSeeds(a verdict.Ask) []uint64 {
	if a.Full {
		return []uint64{41, 42, 43, 44, 45, 46, 47, 48}
	}
	return []uint64{41, 42, 43, 44, 45, 46}
}

// stale measures what outdated knowledge costs: goal 2. It takes about a minute, in full
// five, on two processors.
func stale(a verdict.Ask) ([]verdict.Goal, error) {
	in, err := openb(a, "default")
	if err != nil {
		return nil, err
	}
	arrivals := 6_000 // once the fleet is full
	if a.Full {
		arrivals = 30_000
	}
	all := make([]*churn, len(staleSeeds(a)))
	together(len(all), func(i int) {
		all[i] = newChurn(in, staleSeeds(a)[i])
		all[i].run(arrivals)
	})
	rows := [][]string{{"seed", "submissions", "placing commands", "rejected", "of them when full", "oracle: of ours", "of the safest", "held", "held although there was room"}}
	var t tally
	for i, c := range all {
		f := c.f
		rows = append(rows, []string{
			fmt.Sprint(staleSeeds(a)[i]), fmt.Sprint(c.own), fmt.Sprint(f.Placings), fmt.Sprint(f.Rejected), fmt.Sprintf("%d of %d", f.Rejected-c.early.rejected, f.Placings-c.early.commands),
			fmt.Sprintf("%.1f", f.Chance), fmt.Sprintf("%.1f", f.Least), fmt.Sprint(c.held), fmt.Sprint(c.no),
		})
		t.add(c)
	}
	a.Table("Churn at 92% load over 32 clusters: a report per 10 commands, 10 under way, 10% of arrivals placed by others", rows)
	fmt.Fprintln(a.Out, "  An oracle knows what others place in the long run and every fact up to the last reports: so many rejections it expects of ours, and had each command gone where it is safest.")
	return []verdict.Goal{t.goal()}, nil
}

// tally sums up the seeds of goal 2.
type tally struct {
	bad, churning, blind    []float64 // of each seed, in %
	chance, least, commands float64
}

func (t *tally) add(c *churn) {
	f := c.f
	t.bad = append(t.bad, percent(f.Rejected, f.Placings))
	t.churning = append(t.churning, percent(f.Rejected-c.early.rejected, f.Placings-c.early.commands))
	t.blind = append(t.blind, percent(c.no, c.own))
	t.chance, t.least, t.commands = t.chance+f.Chance, t.least+f.Least, t.commands+float64(f.Placings)
}

// goal is met if chance alone does not explain it: the upper ends of the intervals count.
func (t *tally) goal() verdict.Goal {
	bad, churning, blind := intervalOf(t.bad), intervalOf(t.churning), intervalOf(t.blind)
	return verdict.Goal{
		Number: 2, Met: max(bad.high(), churning.high()) <= 0.1 && blind.high() <= 0.3,
		Figures: fmt.Sprintf("rejected %v of %.0f placing commands, %v when full, at most 0.1; falsely held %v of submissions, at most 0.3; means of %d seeds ± 95%% intervals; an oracle expects %.3f%%, and %.3f%% at the safest places",
			bad, t.commands, churning, blind, len(t.bad), 100*t.chance/t.commands, 100*t.least/t.commands),
	}
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }

func newChurn(in *sim.Input, seed uint64) *churn {
	in = in.Inflate(inflated, seed)
	pods, others := in.Pods(), &live.Others{Millis: staleClusters * 1000 / (stalePerTick * staleForeign)}
	for _, class := range in.Arrivals {
		others.Pods = append(others.Pods, pods[class])
	}
	f := live.New(live.Config{InFlight: staleInFlight, Every: staleEvery, Others: others}, in.Nodes(), sim.Deal(in, staleClusters, false, seed))
	return &churn{f: f, in: in, pods: pods, rng: rand.New(rand.NewPCG(seed, 92))}
}

// run fills the fleet, then lets so many more arrive.
func (c *churn) run(arrivals int) {
	limit := int64(staleLoad * float64(c.in.GPUMilli))
	full := false
	for i, left := 0, arrivals; left > 0; i++ {
		if !full && c.load >= limit {
			full, c.early.commands, c.early.rejected = true, c.f.Placings, c.f.Rejected
		}
		if full {
			left--
		}
		c.arrive(i)
		for c.load > limit {
			c.depart()
		}
		if i%stalePerTick == 0 {
			c.f.Tick()
		}
	}
}

func (c *churn) arrive(i int) {
	class := c.in.Arrivals[c.rng.IntN(len(c.in.Arrivals))]
	p := c.pods[class]
	t := tenant{name: fmt.Sprintf("w%d", i), gpu: p.Resources.GPUMilli, cluster: -1}
	if c.rng.Float64() < staleForeign {
		t.cluster = c.rng.IntN(c.f.Clusters())
		if c.f.Occupy(t.cluster, t.name, p) {
			c.add(t)
		}
		return
	}
	c.own++
	if c.f.Submit(t.name, p) {
		c.add(t)
		return
	}
	c.held++
	if c.f.Room(p) {
		c.no++
	}
	c.f.Withdraw(t.name)
}

func (c *churn) add(t tenant) {
	c.alive = append(c.alive, t)
	c.load += t.gpu
}

// depart ends one pod at random.
func (c *churn) depart() {
	at := c.rng.IntN(len(c.alive))
	t := c.alive[at]
	last := len(c.alive) - 1
	c.alive[at] = c.alive[last]
	c.alive = c.alive[:last]
	c.load -= t.gpu
	if t.cluster >= 0 {
		c.f.Vacate(t.cluster, t.name)
		return
	}
	c.f.Withdraw(t.name)
}
