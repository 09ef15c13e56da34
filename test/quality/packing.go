package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"fairlead.dev/test/openb/trace"
	"fairlead.dev/test/quality/live"
	"fairlead.dev/test/quality/sim"
	"fairlead.dev/test/quality/verdict"
)

// inflated is what arrives, in times the fleet's GPUs, as the authors of FGD have it.
const inflated = 1.3

// packing holds ours against the peers on the openb trace: goals 1, 3 and 4.
func packing(a verdict.Ask) ([]verdict.Goal, error) {
	in, err := openb(a, "default")
	if err != nil {
		return nil, err
	}
	peers(a, in)
	return ours(a, in)
}

// layout is how the nodes are dealt to clusters.
type layout struct {
	clusters int
	typed    bool
}

func (l layout) String() string {
	if l.typed {
		return fmt.Sprintf("%d typed", l.clusters)
	}
	return fmt.Sprintf("%d shuffled", l.clusters)
}

var layouts = []layout{{1, false}, {8, false}, {8, true}, {32, false}, {32, true}}

// through packs an input by the real core.
func through(pods map[int]trace.Pod, in *sim.Input, l layout, seed uint64) (*sim.Outcome, *live.Fleet) {
	f := live.New(live.Config{Every: 20}, in.Nodes(), sim.Deal(in, l.clusters, l.typed, seed))
	out := &sim.Outcome{}
	for i, class := range in.Arrivals {
		name := fmt.Sprintf("w%d", i)
		placed := f.Submit(name, pods[class])
		if !placed {
			f.Withdraw(name)
		}
		out.Count(in, class, placed)
	}
	f.Settle()
	return out, f
}

func ours(a verdict.Ask, in *sim.Input) ([]verdict.Goal, error) {
	rows := [][]string{header}
	for _, l := range layouts {
		s := summary{name: "ours, " + l.String()}
		for _, seed := range seeds(a) {
			one := in.Inflate(inflated, seed).Reorder(seed)
			start := time.Now()
			o, f := through(in.Pods(), one, l, seed)
			fmt.Fprintln(a.Out, l, seed, time.Since(start), f.Commands, f.Rejected, f.Check(), o.Failed)
			s.add(o)
		}
		rows = append(rows, s.row())
	}
	a.Table("Ours, through the core", rows)
	return nil, nil
}

func openb(a verdict.Ask, variant string) (*sim.Input, error) {
	dir := filepath.Join(a.Traces, "openb")
	machines, err := trace.Machines(dir)
	if err != nil {
		return nil, err
	}
	pods, err := trace.Pods(dir, variant)
	if err != nil {
		return nil, err
	}
	return sim.NewInput(machines, pods)
}

func seeds(a verdict.Ask) []uint64 {
	if a.Full {
		return []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	}
	return []uint64{1, 2}
}

// summary gathers the outcomes of several seeds.
type summary struct {
	name                string
	at100, at130, first []float64
	failed              int
	curve               []sim.Point
}

func (s *summary) add(o *sim.Outcome) {
	s.at100, s.at130 = append(s.at100, o.At(100)), append(s.at130, o.At(130))
	s.first = append(s.first, o.FirstFailure)
	s.failed += o.Failed
	s.curve = o.Curve
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(1, len(v)))
}

func (s *summary) row() []string {
	return []string{s.name, fmt.Sprintf("%.2f", mean(s.at100)), fmt.Sprintf("%.2f", slices.Min(s.at100)), fmt.Sprintf("%.2f", mean(s.at130)),
		fmt.Sprintf("%.2f", mean(s.first)), fmt.Sprintf("%.2f", slices.Min(s.first))}
}

var header = []string{"policy", "at 100%", "worst", "at 130%", "first failure", "worst"}

func peers(a verdict.Ask, in *sim.Input) {
	rows := [][]string{header}
	for _, p := range sim.Peers() {
		s := summary{name: p.Name}
		for _, seed := range seeds(a) {
			one := in.Inflate(inflated, seed)
			s.add(sim.Run(one, p, sim.Deal(one, 1, false, seed), seed))
		}
		rows = append(rows, s.row())
	}
	a.Table("One cluster, allocated GPU % (openb, arrivals shuffled)", rows)
}
