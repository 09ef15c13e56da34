package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"fairlead.dev/services/agent-sim"
	"fairlead.dev/test/harness"
	"fairlead.dev/test/openb/trace"
)

// quiet keeps the services' logs out of the report.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// options say what is replayed.
type options struct {
	trace, variant string
	placement      string
	clusters       int
	rate           int
	seed           uint64
	kill           float64
	compare        bool
}

func main() {
	var o options
	flag.StringVar(&o.trace, "trace", "", "`folder` with the openb files (cluster-trace-gpu-v2023)")
	flag.StringVar(&o.variant, "variant", "default", "`variant` of the pod list")
	flag.StringVar(&o.placement, "placement", "bin/fairlead run placement", "`command` that runs the placement service")
	flag.IntVar(&o.clusters, "clusters", 32, "clusters that the nodes are dealt to")
	flag.IntVar(&o.rate, "rate", 0, "arrivals a second; 0 is as fast as the broker takes them")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the deal")
	flag.Float64Var(&o.kill, "kill", 0, "kill -9 placement once this part of the workloads is decided, and start it again")
	flag.BoolVar(&o.compare, "compare", false, "replay twice, without and with the kill, and hold the outcomes against each other")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if !o.compare {
		_, err := replay(ctx, o)
		return err
	}
	undisturbed, disturbed := o, o
	undisturbed.kill = 0
	first, err := replay(ctx, undisturbed)
	if err != nil {
		return err
	}
	fmt.Println()
	second, err := replay(ctx, disturbed)
	if err != nil {
		return err
	}
	return compare(first, second)
}

// compare holds the outcomes against each other. Where a workload stands hangs on what
// had been submitted when it was decided, since packing learns from that; how many find
// a place must not change by more than one in a hundred.
func compare(first, second *ledger) error {
	a, b := first.outcome(), second.outcome()
	if len(a) != len(b) {
		return fmt.Errorf("%d workloads were decided without the kill, %d with it", len(a), len(b))
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	placed, placedAfter := first.placed(), second.placed()
	if 100*max(placed-placedAfter, placedAfter-placed) > len(a) {
		return fmt.Errorf("the kill changed the outcome: %d of %d workloads placed without it, %d with it", placed, len(a), placedAfter)
	}
	fmt.Printf("\nkill -9 lost nothing: of %d workloads %d are placed without and %d with it, %d in the same place\n", len(a), placed, placedAfter, same)
	return nil
}

// replay runs the trace once and judges it.
func replay(ctx context.Context, o options) (*ledger, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	pods, clusters, err := load(o)
	if err != nil {
		return nil, err
	}
	b, err := harness.StartBroker(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Stop()
	l := &leader{command: strings.Fields(o.placement), url: b.URL}
	if err := l.start(); err != nil {
		return nil, err
	}
	defer func() { _ = l.cmd.Process.Kill() }()
	agents, stop := context.WithCancel(ctx)
	defer stop()
	ended, err := runAgents(agents, b, clusters)
	if err != nil {
		return nil, err
	}
	took, kills, err := drive(ctx, o, b, l, pods, clusters)
	if err != nil {
		return nil, err
	}
	stop()
	if err := errors.Join(<-ended, l.stop()); err != nil {
		return nil, err
	}
	return judge(ctx, b, clusters, took, kills)
}

func load(o options) ([]trace.Pod, []*agentsim.Cluster, error) {
	if o.trace == "" {
		return nil, nil, errors.New("-trace is missing: the folder with the openb files (see the documentation of this command)")
	}
	machines, err := trace.Machines(o.trace)
	if err != nil {
		return nil, nil, err
	}
	pods, err := trace.Pods(o.trace, o.variant)
	if err != nil {
		return nil, nil, err
	}
	clusters, err := cut(machines, o.clusters, o.seed)
	if err != nil {
		return nil, nil, err
	}
	fmt.Printf("openb (%s): %d pods on %d nodes, cut into %d clusters (seed %d)\n", o.variant, len(pods), len(machines), len(clusters), o.seed)
	return pods, clusters, nil
}

// drive submits everything and waits until it is decided, carried out and reported.
func drive(ctx context.Context, o options, b *harness.Broker, l *leader, pods []trace.Pod, clusters []*agentsim.Cluster) (time.Duration, int, error) {
	start := time.Now()
	submitted := make(chan error, 1)
	go func() { submitted <- submit(ctx, b.Log, pods, o.rate) }()
	kills, err := follow(ctx, b, l, len(pods), int(o.kill*float64(len(pods))))
	if err != nil {
		return 0, kills, err
	}
	if err := <-submitted; err != nil {
		return 0, kills, err
	}
	err = quiesce(ctx, b, len(clusters))
	return time.Since(start), kills, err
}

func judge(ctx context.Context, b *harness.Broker, clusters []*agentsim.Cluster, took time.Duration, kills int) (*ledger, error) {
	l, err := readLog(ctx, b.Log)
	if err != nil {
		return nil, err
	}
	report(os.Stdout, l, took, kills)
	if wrong := verdict(l, clusters); len(wrong) > 0 {
		return nil, fmt.Errorf("the outcome is wrong in %d ways:\n  %s", len(wrong), strings.Join(wrong[:min(10, len(wrong))], "\n  "))
	}
	fmt.Println("checked     no node or shape overdrawn, every command number ended, replicas running equal the last decisions")
	return l, nil
}
