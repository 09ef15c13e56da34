package main

import (
	"fmt"
	"path/filepath"

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
	lines := single(a, in)
	federated(a, in)
	mine, books := ours(a, in)
	most := bounds(a, func(seed uint64) *sim.Input { return in.Inflate(inflated, seed) })
	if err := draw(a, append(lines, mine...)); err != nil {
		return nil, err
	}
	return []verdict.Goal{books, goal3(mine, most)}, nil
}

// single packs one cluster by every peer.
func single(a verdict.Ask, in *sim.Input) []summary {
	out := measure(a, len(sim.Peers()), func(i int, seed uint64) (string, *sim.Outcome) {
		p, each := sim.Peers()[i], in.Inflate(inflated, seed)
		return p.Name, sim.Run(each, p, sim.Deal(each, 1, false, seed), seed)
	})
	a.Table("Peers on one cluster, nodes in the order of the trace: allocated GPU %", rows(out))
	return out
}

// federated packs 32 clusters by choosing the cluster first.
func federated(a verdict.Ask, in *sim.Input) {
	kinds := []layout{{32, false}, {32, true}}
	out := measure(a, len(kinds)*len(sim.Federated()), func(i int, seed uint64) (string, *sim.Outcome) {
		p, l, each := sim.Federated()[i/len(kinds)], kinds[i%len(kinds)], in.Inflate(inflated, seed)
		return p.Name + ", " + l.String(), sim.Run(each, p, sim.Deal(each, l.clusters, l.typed, seed), seed)
	})
	a.Table("Peers that choose a cluster first", rows(out))
}

// ours packs every layout through the core, nodes in another order each time.
func ours(a verdict.Ask, in *sim.Input) ([]summary, verdict.Goal) {
	var b books
	out := measure(a, len(layouts), func(i int, seed uint64) (string, *sim.Outcome) {
		keep := i == len(layouts)-1 && seed == seeds(a)[0]
		o, f := through(in.Inflate(inflated, seed).Reorder(seed), layouts[i], seed, keep)
		b.add(f, keep)
		return "ours, " + layouts[i].String(), o
	})
	a.Table("Ours through the core, nodes in any order", rows(out))
	return out, b.goal(a)
}

func goal3(mine []summary, most summary) verdict.Goal {
	at, first := 100.0, 100.0
	for _, s := range mine {
		at, first = min(at, mean(s.at100)), min(first, mean(s.first))
	}
	return verdict.Goal{
		Number: 3, Met: at >= 95.7 && first >= 95.5,
		Figures: fmt.Sprintf("worst layout: %.2f%% at 100%% arrivals, at least 95.7; first failure at %.2f%%, at least 95.5; means over %d seeds; bound %.2f%% and %.2f%%", at, first, len(mine[0].at100), mean(most.at100), mean(most.first)),
	}
}

// constrained is a third of the pods asking for GPU models: goal 4.
func constrained(a verdict.Ask) ([]verdict.Goal, error) {
	machines, pods, err := read(a, "gpuspec10")
	if err != nil {
		return nil, err
	}
	inputs := map[uint64]*sim.Input{}
	for _, seed := range seeds(a) {
		in, err := sim.NewInput(machines, sim.Constrain(machines, pods, 0.33, seed))
		if err != nil {
			return nil, err
		}
		inputs[seed] = in.Inflate(inflated, seed)
	}
	peers := sim.Peers()
	out := measure(a, len(peers)+len(constrainedLayouts), func(i int, seed uint64) (string, *sim.Outcome) {
		in := inputs[seed]
		if i < len(peers) {
			return peers[i].Name, sim.Run(in, sim.Peers()[i], sim.Deal(in, 1, false, seed), seed)
		}
		l := constrainedLayouts[i-len(peers)]
		o, _ := through(in.Reorder(seed), l, seed, false)
		return "ours, " + l.String(), o
	})
	a.Table("A third of the GPU pods ask for GPU models: allocated GPU %", rows(out))
	most := bounds(a, func(seed uint64) *sim.Input { return inputs[seed] })
	return []verdict.Goal{goal4(out[:len(peers)], out[len(peers):], most)}, nil
}

var constrainedLayouts = []layout{{1, false}, {32, false}, {32, true}}

func goal4(peers, mine []summary, most summary) verdict.Goal {
	worst, best := 100.0, 0.0
	for _, s := range mine {
		worst = min(worst, mean(s.at100))
	}
	for _, s := range peers {
		best = max(best, mean(s.at100))
	}
	return verdict.Goal{
		Number: 4, Met: worst >= 94.5,
		Figures: fmt.Sprintf("worst layout: %.2f%% at 100%% arrivals, at least 94.5; best peer %.2f%%, bound %.2f%%", worst, best, mean(most.at100)),
	}
}
