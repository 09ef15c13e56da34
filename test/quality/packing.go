package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"fairlead.dev/test/openb/trace"
	"fairlead.dev/test/quality/live"
	"fairlead.dev/test/quality/sim"
	"fairlead.dev/test/quality/verdict"
)

// inflated is what arrives, in times the fleet's GPUs, as the authors of FGD have it.
const inflated = 1.3

// layout is how the nodes are dealt to clusters.
type layout struct {
	clusters int
	typed    bool
}

func (l layout) String() string {
	switch {
	case l.clusters == 1:
		return "1 cluster"
	case l.typed:
		return fmt.Sprintf("%d typed", l.clusters)
	}
	return fmt.Sprintf("%d shuffled", l.clusters)
}

var layouts = []layout{{1, false}, {8, false}, {8, true}, {32, false}, {32, true}}

func openb(a verdict.Ask, variant string) (*sim.Input, error) {
	machines, pods, err := read(a, variant)
	if err != nil {
		return nil, err
	}
	return sim.NewInput(machines, pods)
}

func read(a verdict.Ask, variant string) ([]trace.Machine, []trace.Pod, error) {
	dir := filepath.Join(a.Traces, "openb")
	machines, err := trace.Machines(dir)
	if err != nil {
		return nil, nil, err
	}
	pods, err := trace.Pods(dir, variant)
	return machines, pods, err
}

func seeds(a verdict.Ask) []uint64 {
	if a.Full {
		return []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	}
	return []uint64{1, 2}
}

// through packs an input by the real core. A pod without room leaves again, as it does
// for the peers.
func through(in *sim.Input, l layout, seed uint64, keep bool) (*sim.Outcome, *live.Fleet) {
	pods := in.Pods()
	f := live.New(live.Config{Every: 20, Keep: keep}, in.Nodes(), sim.Deal(in, l.clusters, l.typed, seed))
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
	return out.Ended(), f
}

// packing holds ours against the peers on the openb trace: goals 1 and 3.
func packing(a verdict.Ask) ([]verdict.Goal, error) {
	in, err := openb(a, "default")
	if err != nil {
		return nil, err
	}
	var lines []summary
	lines = append(lines, one(a, in)...)
	if err := federated(a, in); err != nil {
		return nil, err
	}
	mine, books := ours(a, in)
	lines = append(lines, mine...)
	if err := draw(a, lines); err != nil {
		return nil, err
	}
	return []verdict.Goal{books, goal3(mine)}, nil
}

// one packs a single cluster by every peer.
func one(a verdict.Ask, in *sim.Input) []summary {
	var out []summary
	rows := [][]string{header}
	for _, p := range sim.Peers() {
		s := summary{name: p.Name}
		for _, seed := range seeds(a) {
			each := in.Inflate(inflated, seed)
			s.add(sim.Run(each, p, sim.Deal(each, 1, false, seed), seed))
		}
		out = append(out, s)
		rows = append(rows, s.row())
	}
	a.Table("Peers on one cluster, nodes in the order of the trace: allocated GPU %", rows)
	return out
}

// federated packs 32 clusters by choosing the cluster first.
func federated(a verdict.Ask, in *sim.Input) error {
	rows := [][]string{header}
	for _, p := range sim.Federated() {
		for _, typed := range []bool{false, true} {
			l := layout{32, typed}
			s := summary{name: p.Name + ", " + l.String()}
			for _, seed := range seeds(a) {
				each := in.Inflate(inflated, seed)
				s.add(sim.Run(each, p, sim.Deal(each, l.clusters, l.typed, seed), seed))
			}
			rows = append(rows, s.row())
		}
	}
	a.Table("Peers that choose a cluster first", rows)
	return nil
}

// ours packs every layout through the core, nodes in other orders each time.
func ours(a verdict.Ask, in *sim.Input) ([]summary, verdict.Goal) {
	var out []summary
	var wrong []string
	rows, commands, replayed := [][]string{header}, 0, 0
	for _, l := range layouts {
		s := summary{name: "ours, " + l.String()}
		for i, seed := range seeds(a) {
			keep := i == 0 && l == layouts[len(layouts)-1]
			o, f := through(in.Inflate(inflated, seed).Reorder(seed), l, seed, keep)
			s.add(o)
			commands += f.Commands
			wrong = append(wrong, f.Check()...)
			if keep {
				replayed = f.Commands
				if err := f.Replay(); err != nil {
					wrong = append(wrong, err.Error())
				}
			}
		}
		out = append(out, s)
		rows = append(rows, s.row())
	}
	a.Table("Ours through the core, nodes in any order", rows)
	for _, w := range wrong[:min(5, len(wrong))] {
		fmt.Fprintln(a.Out, "  wrong:", w)
	}
	return out, verdict.Goal{
		Number: 1, Met: len(wrong) == 0,
		Figures: fmt.Sprintf("%d commands, %d things wrong: nodes overdrawn, commands lost or doubled, replicas that were not decided; a log of %d commands decided again to the same bytes", commands, len(wrong), replayed),
	}
}

func goal3(mine []summary) verdict.Goal {
	at, first := 100.0, 100.0
	for _, s := range mine {
		at, first = min(at, mean(s.at100)), min(first, mean(s.first))
	}
	return verdict.Goal{
		Number: 3, Met: at >= 95.7 && first >= 95.5,
		Figures: fmt.Sprintf("worst layout: %.2f%% at 100%% arrivals, at least 95.7; first failure at %.2f%%, at least 95.5; means over %d seeds", at, first, len(mine[0].at100)),
	}
}

// constrained is a third of the pods asking for GPU models: goal 4.
func constrained(a verdict.Ask) ([]verdict.Goal, error) {
	machines, pods, err := read(a, "gpuspec10")
	if err != nil {
		return nil, err
	}
	all := map[string]*summary{}
	rows := [][]string{header}
	mine := []layout{{1, false}, {32, false}, {32, true}}
	for _, seed := range seeds(a) {
		in, err := sim.NewInput(machines, sim.Constrain(machines, pods, 0.33, seed))
		if err != nil {
			return nil, err
		}
		in = in.Inflate(inflated, seed)
		for _, p := range sim.Peers() {
			note(all, p.Name, sim.Run(in, p, sim.Deal(in, 1, false, seed), seed))
		}
		for _, l := range mine {
			o, _ := through(in.Reorder(seed), l, seed, false)
			note(all, "ours, "+l.String(), o)
		}
	}
	worst := 100.0
	for _, name := range sortedNames(all) {
		rows = append(rows, all[name].row())
	}
	for _, l := range mine {
		worst = min(worst, mean(all["ours, "+l.String()].at100))
	}
	a.Table("A third of the GPU pods ask for GPU models", rows)
	return []verdict.Goal{{
		Number: 4, Met: worst >= 94.5,
		Figures: fmt.Sprintf("worst layout: %.2f%%, at least 94.5; FGD %.2f%%", worst, mean(all["FGD"].at100)),
	}}, nil
}

func note(all map[string]*summary, name string, o *sim.Outcome) {
	if all[name] == nil {
		all[name] = &summary{name: name}
	}
	all[name].add(o)
}

func sortedNames(all map[string]*summary) []string {
	var out []string
	for name := range all {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
