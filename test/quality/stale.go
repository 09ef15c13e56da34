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
	own, held, no int // submissions; those held; those held although there was room
}

// tenant is a pod that runs, or waits.
type tenant struct {
	name    string
	gpu     int64
	cluster int // of a foreign one; -1 for ours
}

// stale measures what outdated knowledge costs: goal 2, and the books of goal 1.
func stale(a verdict.Ask) ([]verdict.Goal, error) {
	in, err := openb(a, "default")
	if err != nil {
		return nil, err
	}
	rows := [][]string{{"seed", "submissions", "placing commands", "rejected", "held", "held although there was room"}}
	arrivals := 6_000
	if a.Full {
		arrivals = 30_000
	}
	var commands, rejected, own, no int
	for _, seed := range seeds(a)[:1+len(seeds(a))/4] {
		c := newChurn(in, seed)
		c.run(arrivals)
		rows = append(rows, []string{fmt.Sprint(seed), fmt.Sprint(c.own), fmt.Sprint(c.f.Placings), fmt.Sprint(c.f.Rejected), fmt.Sprint(c.held), fmt.Sprint(c.no)})
		commands, rejected, own, no = commands+c.f.Placings, rejected+c.f.Rejected, own+c.own, no+c.no
	}
	a.Table("Churn at 92% load over 32 clusters: a report per 10 commands, 10 under way, 10% of arrivals placed by others", rows)
	bad, blind := percent(rejected, commands), percent(no, own)
	return []verdict.Goal{{
		Number: 2, Met: bad <= 0.1 && blind <= 0.3,
		Figures: fmt.Sprintf("rejected %.3f%% of %d placing commands, at most 0.1; falsely held %.3f%% of %d submissions, at most 0.3", bad, commands, blind, own),
	}}, nil
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }

func newChurn(in *sim.Input, seed uint64) *churn {
	in = in.Inflate(inflated, seed)
	f := live.New(live.Config{InFlight: staleInFlight, Every: staleEvery}, in.Nodes(), sim.Deal(in, staleClusters, false, seed))
	return &churn{f: f, in: in, pods: in.Pods(), rng: rand.New(rand.NewPCG(seed, 92))}
}

// run fills the fleet, then lets so many more arrive.
func (c *churn) run(arrivals int) {
	limit := int64(staleLoad * float64(c.in.GPUMilli))
	full := false
	for i, left := 0, arrivals; left > 0; i++ {
		if full = full || c.load >= limit; full {
			left--
		}
		c.arrive(i)
		for c.load > limit {
			c.depart()
		}
		if i%20 == 0 {
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
