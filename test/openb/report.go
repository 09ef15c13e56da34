package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// report prints what happened, for people.
func report(out io.Writer, l *ledger, took time.Duration, kills int) {
	verdicts, reasons := map[event.Verdict]int{}, map[string]int{}
	for _, d := range l.last {
		verdicts[d.Verdict]++
		if d.Verdict == event.VerdictHeld && len(d.Refusals) > 0 {
			reasons[narrowest(d).Check]++
		}
	}
	rejected := 0
	for _, a := range l.clusters {
		rejected += len(a.rejected)
	}
	fmt.Fprintf(out, "workloads   %d submitted, %s\n", len(l.submitted), counts(verdicts))
	fmt.Fprintf(out, "held for    %s (the check that most clusters failed, per workload)\n", counts(reasons))
	fmt.Fprintf(out, "commands    %d recorded, %d rejected\n", l.commands(), rejected)
	fmt.Fprintf(out, "gpu         %s of the fleet's GPUs allocated\n", l.gpuShare())
	span := l.decisions[len(l.decisions)-1].Sub(l.decisions[0])
	fmt.Fprintf(out, "decisions   %d in %s from the first to the last, %.0f a second; leader epochs %d, kill -9: %d\n",
		len(l.decisions), span.Round(time.Millisecond), float64(len(l.decisions))/span.Seconds(), l.epochs, kills)
	waits := l.latencies()
	fmt.Fprintf(out, "latency     submit to command, by the store's clock: p50 %s, p90 %s, p99 %s, max %s\n",
		at(waits, 50), at(waits, 90), at(waits, 99), at(waits, 100))
	fmt.Fprintf(out, "took        %s until every cluster reported the last command\n", took.Round(time.Millisecond))
}

// narrowest is the refusal of most clusters.
func narrowest(d *event.PlacementDecided) event.Refusal {
	return slices.MaxFunc(d.Refusals, func(a, b event.Refusal) int { return cmp.Compare(a.Clusters, b.Clusters) })
}

func counts[K cmp.Ordered](m map[K]int) string {
	if len(m) == 0 {
		return "nothing"
	}
	out := ""
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out += fmt.Sprintf(", %v %d", k, m[k])
	}
	return out[2:]
}

func (l *ledger) commands() int {
	n := 0
	for _, a := range l.clusters {
		n += len(a.commands)
	}
	return n
}

// gpuShare is the allocated part of all GPU devices, in percent.
func (l *ledger) gpuShare() string {
	var promised, all int64
	for _, a := range l.clusters {
		for _, sum := range a.promised {
			promised += sum.GPUMilli
		}
		for _, sh := range a.shapes {
			all += int64(sh.Nodes) * int64(sh.GPUs) * 1000
		}
	}
	return fmt.Sprintf("%.2f%%", 100*float64(promised)/float64(max(1, all)))
}

// latencies from the wish in the log to its first command in the log, ascending.
func (l *ledger) latencies() []time.Duration {
	var out []time.Duration
	for id, commanded := range l.commanded {
		out = append(out, commanded.Sub(l.submitted[id]))
	}
	slices.Sort(out)
	return out
}

func at(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*percent/100].Round(10 * time.Microsecond)
}

// placed counts the workloads that have a place.
func (l *ledger) placed() int {
	n := 0
	for _, d := range l.last {
		if len(d.Assignments) > 0 {
			n++
		}
	}
	return n
}

// outcome is where every workload stands, as one line each, to compare two runs.
func (l *ledger) outcome() []string {
	var out []string
	for _, id := range slices.SortedFunc(maps.Keys(l.last), event.WorkloadID.Compare) {
		line := fmt.Sprintf("%s %s", id, l.last[id].Verdict)
		for _, a := range l.last[id].Assignments {
			line += fmt.Sprintf(" %s×%d", a.Cluster, a.Replicas)
		}
		out = append(out, line)
	}
	return out
}
